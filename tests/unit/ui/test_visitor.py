from __future__ import annotations

import pytest

from tlvsft.ui.visitor import Visitor, read_visitor


def test_a_visitor_survives_the_browser() -> None:
    known = Visitor(owner="a" * 32, viewing="abc")
    assert read_visitor(known.to_dict()) == known


@pytest.mark.parametrize(
    "kept", [None, {}, "x", {"owner": ""}, {"owner": 3}, {"owner": "a b" * 12}, {"owner": "a" * 65}]
)
def test_whoever_has_no_token_is_somebody_new(kept: object) -> None:
    first, second = read_visitor(kept), read_visitor(kept)
    assert len(first.owner) == 32
    assert first.owner != second.owner
    assert first.viewing == ""
