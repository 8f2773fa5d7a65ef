"""Reads recordings. What a file says is shown to people, so nothing in it is believed.

Sizes are bounded, fields and their types are known ones, and a file is found by a story's name alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, cast, get_args

from tlvsft.catalog.paths import BUNDLED_REPLAYS
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison.decisions import DECISIONS
from tlvsft.comparison.recordings import (
    RECORDING_BYTES,
    RECORDING_SCHEMA,
    Machine,
    RecordedEvent,
    RecordedExample,
    RecordedRun,
    Recording,
    to_number,
)
from tlvsft.comparison.verdict import Verdict
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.errors import InvalidInput, UnknownName
from tlvsft.events import EVENT_TYPES, Ancestor, BlockState, BlockStatus

_MOST_EXAMPLES = 24
_MOST_RUNS = 40
_MOST_ROWS = 4_000
_MOST_FIELDS = 60
_LONGEST_TEXT = 4_000
_LONGEST_S = 86_400.0
_IMAGE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]{1,8000}={0,2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "float | None": (int, float, type(None)),
    "str": (str,),
    "bool": (bool,),
    "bool | None": (bool, type(None)),
}
"""What a field of an event may hold, by its annotation."""
_WINNERS = (*SIDES, "tie")


def recording_names(folder: Path = BUNDLED_REPLAYS) -> tuple[str, ...]:
    """The stories that there is a recording of, in the order of the stories."""
    return tuple(name for name in PRESETS if (folder / f"{name}.json").is_file())


def load_recording(name: str, folder: Path = BUNDLED_REPLAYS) -> Recording:
    """Reads one of the recordings that come with the app.

    Raises:
        UnknownName: There is none of this name.
        InvalidInput: Its file is damaged.
    """
    names = recording_names(folder)
    if name not in names:
        raise UnknownName("recording", name, names)
    path = folder / f"{name}.json"
    try:
        if path.stat().st_size > RECORDING_BYTES:
            _refuse("the file is too large")
        return read_recording(path.read_text(encoding="utf-8"))
    except (InvalidInput, OSError, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, InvalidInput) else "the file can't be read"
        raise InvalidInput(
            f"The recording {name!r} is damaged ({reason}): install the app again, "
            "or make it anew with 'python -m tlvsft record'."
        ) from error


def read_recording(text: str) -> Recording:
    """Reads what `write_recording` wrote, and believes nothing.

    Raises:
        InvalidInput: It is something else; the message says in a few words what is wrong.
    """
    try:
        document = json.loads(text, parse_constant=lambda _: _refuse("a number is none"))
        return _read_document(document)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise InvalidInput("something in it is missing or of the wrong kind") from error


def _read_document(document: Mapping[str, Any]) -> Recording:
    _check(document["schema"] == RECORDING_SCHEMA, "its schema is another one")
    _check_keys(document, ("schema", "made_on", "machine", "config", "runs", "verdict", "examples"))
    runs, examples = document["runs"], document["examples"]
    _check(0 < len(runs) <= _MOST_RUNS, "the number of its runs")
    _check(len(examples) <= _MOST_EXAMPLES, "the number of its examples")
    config = ComparisonConfig.from_dict(document["config"])
    recorded = tuple(_read_run(run) for run in runs)
    wanted = {(side, seed) for side in SIDES for seed in config.all_seeds()}
    _check({(run.side, run.seed) for run in recorded} == wanted and len(recorded) == len(wanted), "its runs")
    return Recording(
        made_on=_matching(_DATE, document["made_on"], "its date"),
        machine=_read_machine(document["machine"]),
        config=config,
        runs=recorded,
        verdict=_read_verdict(document["verdict"]),
        examples=tuple(_read_example(example) for example in examples),
    )


def _read_run(data: Mapping[str, Any]) -> RecordedRun:
    _check_keys(data, ("side", "seed", "started_s", "kinds"))
    _check(data["side"] in SIDES and type(data["seed"]) is int, "a run's side or seed")
    _check(sum(len(table["rows"]) for table in data["kinds"].values()) <= _MOST_ROWS, "the number of its events")
    numbered = [row for kind, table in data["kinds"].items() for row in _read_table(kind, table)]
    numbered.sort(key=lambda pair: pair[0])
    _check([number for number, _ in numbered] == list(range(len(numbered))), "the order of its events")
    events = tuple(event for _, event in numbered)
    _check(all(one.at_s <= other.at_s for one, other in pairwise(events)), "the times of its events")
    for event in events:
        _check_event(event)
    known = [event.event() for event in events]
    ends = [type(event).__name__ for event in known if event is not None]
    _check("RunStarted" in ends and ends[-1] == "RunFinished", "the beginning or the end of a run")
    return RecordedRun(
        side=cast("Side", data["side"]), seed=data["seed"], started_s=_seconds(data["started_s"]), events=events
    )


def _read_table(kind: str, table: Mapping[str, Any]) -> list[tuple[int, RecordedEvent]]:
    _check_keys(table, ("fields", "rows"))
    names = [_text(name) for name in table["fields"]]
    _check(len(names) <= _MOST_FIELDS and "type" not in names, "the fields of an event")
    read = []
    for number, at_s, *values in table["rows"]:
        _check(type(number) is int, "the number of an event")
        event = RecordedEvent(at_s=_seconds(at_s), kind=_text(kind), fields=dict(zip(names, values, strict=True)))
        read.append((number, event))
    return read


def _check_event(event: RecordedEvent) -> None:
    """Holds an event of a known kind against the types of its fields."""
    if event.kind not in EVENT_TYPES:
        return
    _check_types(EVENT_TYPES[event.kind], {name: to_number(value) for name, value in event.fields.items()})
    for part, kind in (("blocks", BlockStatus), ("lineage", Ancestor)):
        for inner in event.fields.get(part, ()):
            _check_types(kind, inner)


def _check_types(kind: type, values: Mapping[str, Any]) -> None:
    for field in fields(kind):
        allowed = _TYPES.get(str(field.type))
        if allowed is not None and field.name in values:
            value = values[field.name]
            _check(
                isinstance(value, allowed) and (bool in allowed or not isinstance(value, bool)), "a field of an event"
            )
        if field.type == "BlockState":
            _check(values.get(field.name) in get_args(BlockState), "the state of a block")


def _read_machine(data: Mapping[str, Any]) -> Machine:
    _check_keys(data, ("cpu", "cores", "system", "versions"))
    _check(type(data["cores"]) is int and 0 < data["cores"] < 100_000, "the number of cores")
    versions = {_text(name): _text(version) for name, version in data["versions"].items()}
    return Machine(cpu=_text(data["cpu"]), cores=data["cores"], system=_text(data["system"]), versions=versions)


def _read_verdict(data: Mapping[str, Any]) -> Verdict:
    names = ("winner", "difference", "ci95", "p_value", "statement", "method", "seeds", "examples", "cost_ratio")
    _check_keys(data, names)
    _check(data["winner"] in _WINNERS and data["method"] in DECISIONS, "its verdict")
    _check(all(type(data[name]) is int and data[name] > 0 for name in ("seeds", "examples")), "its verdict's numbers")
    low, high = map(_number, data["ci95"])
    return Verdict(
        winner=data["winner"],
        difference=_number(data["difference"]),
        ci95=(low, high),
        p_value=_number(data["p_value"]),
        statement=_text(data["statement"]),
        method=data["method"],
        seeds=data["seeds"],
        examples=data["examples"],
        cost_ratio=None if data["cost_ratio"] is None else _number(data["cost_ratio"]),
    )


def _read_example(data: Mapping[str, Any]) -> RecordedExample:
    readers: dict[str, Callable[[Any], Any]] = {
        "text": lambda text: None if text is None else _text(text),
        "image": lambda image: None if image is None else _matching(_IMAGE, image, "an image"),
        "left_share": _number,
        "right_share": _number,
    }
    names = ("text", "image", "truth", "left", "left_share", "right", "right_share")
    _check_keys(data, names)
    return RecordedExample(**{name: readers.get(name, _text)(data[name]) for name in names})


def _check_keys(data: Mapping[str, Any], names: tuple[str, ...]) -> None:
    _check(set(data) == set(names), f"it should have {', '.join(names)}")


def _text(value: object) -> str:
    _check(isinstance(value, str) and len(value) <= _LONGEST_TEXT, "a text")
    return str(value)


def _matching(pattern: re.Pattern[str], value: object, what: str) -> str:
    _check(isinstance(value, str) and pattern.fullmatch(value) is not None, what)
    return str(value)


def _number(value: object) -> float:
    _check(isinstance(value, int | float) and not isinstance(value, bool), "a number")
    return float(cast("float", value))


def _seconds(value: object) -> float:
    duration_s = _number(value)
    _check(0 <= duration_s <= _LONGEST_S, "a time")
    return duration_s


def _check(holds: bool, what: str) -> None:  # noqa: FBT001  the condition itself
    if not holds:
        _refuse(what)


def _refuse(what: str) -> NoReturn:
    raise InvalidInput(what)
