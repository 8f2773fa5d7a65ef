"""A sweep from the store, as far as it is: its progress cheaply, its results whole."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tlvsft.errors import InvalidInput, StoreError, TlvsftError
from tlvsft.runs.cell_records import CellRecord, SweepRecord
from tlvsft.sweeps.config import SweepCell, SweepConfig
from tlvsft.sweeps.crossings import find_crossings
from tlvsft.sweeps.measurements import controls_of, curves_of, measure
from tlvsft.sweeps.remaining import remaining_s
from tlvsft.sweeps.results import CellResult, SweepProgress, SweepResults, WaitsFor
from tlvsft.sweeps.savings import find_label_ratios, headline_ratio
from tlvsft.sweeps.statements import write_readings

if TYPE_CHECKING:
    from tlvsft.runs.store import Store
    from tlvsft.runs.sweeps import Sweeps

Cells = Sequence[tuple[SweepCell, CellRecord]]
MOST_LISTED = 100


def read_progress(store: Store, sweep_id: str, *, viewer: str | None) -> SweepProgress:
    """How far a sweep is.

    Args:
        store: Where it is.
        sweep_id: Which one.
        viewer: Who asks: a browser's token, or `None` for the command line.

    Raises:
        InvalidInput: There is none of this id that this viewer may see.
    """
    record, config, cells = _read(store, sweep_id, viewer=viewer)
    return _progress(store, record, config, cells)


def read_sweep(store: Store, sweep_id: str, *, viewer: str | None) -> SweepResults:
    """Everything that a sweep has found so far; arguments and errors as `read_progress` has them."""
    record, config, cells = _read(store, sweep_id, viewer=viewer)
    figure = measure(config, cells)
    curves, controls = curves_of(config, figure), controls_of(config, figure)
    over_labels = config.kind == "labels"
    crossings = find_crossings(figure, config.methods) if over_labels else ()
    ratios = find_label_ratios(config, curves) if over_labels else ()
    return SweepResults(
        progress=_progress(store, record, config, cells),
        curves=curves,
        controls=controls,
        crossings=crossings,
        label_ratios=ratios,
        label_ratio=headline_ratio(ratios),
        readings=write_readings(config, figure, crossings=crossings, ratio=headline_ratio(ratios)),
        cells=tuple(_cell_result(config, cell, found) for cell, found in cells),
    )


def list_sweeps(
    store: Store, *, viewer: str | None, everybody: bool = False, limit: int = MOST_LISTED
) -> list[SweepProgress]:
    """The newest sweeps that this viewer may see, newest first, without the time that they will still take.

    Args:
        store: Where they are.
        viewer: Who asks: a browser's token, or `None` for the command line.
        everybody: Whether to list all of them: whoever reads the store on the command line owns it.
        limit: How many.
    """
    return _list(store, _sweeps_of(store).list_visible(viewer=viewer, everybody=everybody, limit=limit))


def list_sweeps_beside(store: Store, *, owner: str | None, limit: int = MOST_LISTED) -> list[SweepProgress]:
    """The newest sweeps that everybody may see who may see what is an owner's, newest first; as `list_sweeps`.

    Args:
        store: Where they are.
        owner: A browser's token, or `None` for the command line.
        limit: How many.
    """
    return _list(store, _sweeps_of(store).list_beside(owner=owner, limit=limit))


def _list(store: Store, records: Sequence[SweepRecord]) -> list[SweepProgress]:
    """Those that can be read: one that can't, perhaps another version's, must not hide the others."""
    listed = []
    for record in records:
        with contextlib.suppress(TlvsftError):
            listed.append(_progress(store, record, _read_config(record), ()))
    return listed


def _read_config(record: SweepRecord) -> SweepConfig:
    try:
        return SweepConfig.from_dict(record.config)
    except (InvalidInput, KeyError, TypeError, ValueError) as error:
        raise _unreadable(record) from error


def _unreadable(record: SweepRecord) -> StoreError:
    return StoreError(f"The sweep {record.id} can't be read, since another version made it: delete it, start it again.")


def _read(store: Store, sweep_id: str, *, viewer: str | None) -> tuple[SweepRecord, SweepConfig, Cells]:
    sweeps = _sweeps_of(store)
    sweeps.reap()
    record = sweeps.visible(sweep_id, viewer=viewer)
    config = _read_config(record)
    try:
        cells = tuple(zip(config.cells(), sweeps.cells.of_sweep(sweep_id), strict=True))
    except (InvalidInput, KeyError, TypeError, ValueError) as error:
        raise _unreadable(record) from error
    return record, config, cells


def _sweeps_of(store: Store) -> Sweeps:
    from tlvsft.runs.sweeps import Sweeps

    return Sweeps(store.database)


def _progress(store: Store, record: SweepRecord, config: SweepConfig, cells: Cells) -> SweepProgress:
    on_its_way = record.state in {"queued", "running"}
    line = _sweeps_of(store).line() if on_its_way else []
    place = line.index(record.id) + 1 if record.id in line else None
    trained = sum(found.share for _, found in cells if found.state == "running")
    return SweepProgress(
        sweep_id=record.id,
        config=config,
        state=record.state,
        created_at=record.created_at,
        total=record.total,
        finished=record.finished,
        failed=record.failed,
        running=record.running,
        share=(record.finished + record.failed + trained) / record.total,
        eta_s=remaining_s(cells) if on_its_way else None,
        place=place,
        waits_for=_waits_for(store, record, place),
        stamp=f"{record.state} {record.finished} {record.failed} {record.running} {record.changed_at} {place}",
    )


def _waits_for(store: Store, record: SweepRecord, place: int | None) -> WaitsFor | None:
    if record.state != "queued":
        return None
    from tlvsft.runs.waiting import WaitingLine

    if not WaitingLine(store.database).is_empty():
        return "comparison"
    return "sweep" if place is not None and place > 1 else None


def _cell_result(config: SweepConfig, cell: SweepCell, found: CellRecord) -> CellResult:
    return CellResult(
        method=cell.method,
        labels=config.train_size if cell.labels is None else cell.labels,
        depth=cell.depth,
        seed=cell.seed,
        state=found.state,
        share=found.share,
        message=found.message,
        duration_s=found.duration_s,
        figures=found.result,
    )
