from __future__ import annotations

import sqlite3

import pytest

from tlvsft.runs.ownership import is_visible, may_delete, rows_seen_with, visible_rows

OWNERS = ("me", "you", None)


@pytest.mark.parametrize(
    ("viewer", "shared_host", "visible"),
    [
        ("me", False, ["me", None]),
        ("me", True, ["me"]),
        (None, False, ["me", "you", None]),
        (None, True, [None]),
        ("nobody", True, []),
    ],
)
def test_who_sees_whose(viewer: str | None, shared_host: bool, visible: list[str | None]) -> None:
    assert [owner for owner in OWNERS if is_visible(owner, viewer=viewer, shared_host=shared_host)] == visible


@pytest.mark.parametrize("shared_host", [False, True])
@pytest.mark.parametrize("viewer", ["me", "nobody", None])
def test_lists_follow_the_same_rule(viewer: str | None, shared_host: bool) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE comparisons (owner TEXT)")
    connection.executemany("INSERT INTO comparisons VALUES (?)", [(owner,) for owner in OWNERS])
    condition, parameters = visible_rows(viewer=viewer, shared_host=shared_host)
    listed = connection.execute(f"SELECT owner FROM comparisons WHERE {condition}", parameters).fetchall()  # noqa: S608
    connection.close()
    assert [owner for (owner,) in listed] == [
        owner for owner in OWNERS if is_visible(owner, viewer=viewer, shared_host=shared_host)
    ]


@pytest.mark.parametrize(("viewer", "deletes"), [("me", ["me"]), ("nobody", []), (None, ["me", "you", None])])
def test_who_deletes_whose(viewer: str | None, deletes: list[str | None]) -> None:
    assert [owner for owner in OWNERS if may_delete(owner, viewer=viewer)] == deletes


@pytest.mark.parametrize("shared_host", [False, True])
@pytest.mark.parametrize("owner", OWNERS)
def test_beside_a_comparison_stands_what_everybody_sees_who_sees_it(owner: str | None, shared_host: bool) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE comparisons (owner TEXT)")
    connection.executemany("INSERT INTO comparisons VALUES (?)", [(other,) for other in OWNERS])
    condition, parameters = rows_seen_with(owner, shared_host=shared_host)
    shown = [row[0] for row in connection.execute(f"SELECT owner FROM comparisons WHERE {condition}", parameters)]  # noqa: S608
    connection.close()
    viewers = [viewer for viewer in OWNERS if is_visible(owner, viewer=viewer, shared_host=shared_host)]
    assert shown == [
        other
        for other in OWNERS
        if all(is_visible(other, viewer=viewer, shared_host=shared_host) for viewer in viewers)
    ]
