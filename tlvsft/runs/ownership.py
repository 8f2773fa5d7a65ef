"""Who may see which comparison, and who may delete it: decided here, for one comparison and for lists."""

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


def may_delete(owner: str | None, *, viewer: str | None) -> bool:
    """Whether a viewer may delete a comparison, on any host.

    A browser deletes what it started itself, and never what the command line made, even where it sees that: others may
    have the page open, too, and nothing brings it back. The command line's user owns the files and deletes everything.
    """
    return viewer is None or owner == viewer


def visible_rows(*, viewer: str | None, shared_host: bool) -> tuple[str, tuple[str | None, ...]]:
    """The same rule as an SQL condition on the column `owner`, with its parameters."""
    if shared_host:
        return "owner IS ?", (viewer,)
    if viewer is None:
        return "1", ()
    return "(owner IS ? OR owner IS NULL)", (viewer,)


def rows_seen_with(owner: str | None, *, shared_host: bool) -> tuple[str, tuple[str | None, ...]]:
    """The comparisons that everybody may see who may see those of an owner, as an SQL condition and its parameters.

    For what is shown beside a comparison, whoever looks at it. Any browser on a machine of one's own sees what the
    command line made, so beside that stands nothing of another browser's, though the command line itself would see it.
    """
    if owner is None:
        return "owner IS NULL", ()
    return visible_rows(viewer=owner, shared_host=shared_host)
