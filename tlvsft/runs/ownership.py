"""Who may see which comparison: decided here, for one comparison and for lists."""

from __future__ import annotations


def is_visible(owner: str | None, *, viewer: str | None, shared_host: bool) -> bool:
    """Whether a viewer may see, stop and question a comparison.

    Args:
        owner: Whose comparison it is: a browser's opaque token, or `None` for the command line.
        viewer: Who asks, in the same terms.
        shared_host: On a shared host everybody sees only their own. Elsewhere a browser also sees what the command
            line made, and the command line, which belongs to the machine's user, sees everything.
    """
    if owner == viewer:
        return True
    return not shared_host and (owner is None or viewer is None)


def visible_rows(*, viewer: str | None, shared_host: bool) -> tuple[str, tuple[str | None, ...]]:
    """The same rule as an SQL condition on the column `owner`, with its parameters."""
    if shared_host:
        return "owner IS ?", (viewer,)
    if viewer is None:
        return "1", ()
    return "(owner IS ? OR owner IS NULL)", (viewer,)
