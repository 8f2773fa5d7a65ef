"""Errors say what to do next, in one line."""

from __future__ import annotations

from tlvsft import errors


def test_an_unknown_name_suggests_the_nearest() -> None:
    assert str(errors.UnknownName("preset", "digit", ["digits", "book-reviews"])) == (
        "Unknown preset 'digit': did you mean 'digits'?"
    )


def test_an_unknown_name_like_no_other_lists_all() -> None:
    assert str(errors.UnknownName("method", "zzz", ["full", "partial"])).endswith("choose one of: full, partial.")


def test_a_long_name_is_cut() -> None:
    assert len(str(errors.UnknownName("method", "z" * 10_000, ["full"]))) < 200


def test_all_lists_the_whole_tree() -> None:
    tree = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert set(errors.__all__) == tree
