"""How `state.detect` holds what the detector remembers.

============== ==================================================================
key            value
============== ==================================================================
``d|name``     an entry of the `Population`: a subject's, or what all share
``l|lineage``  latest event time of a lineage, and when it was heard
``r|``         a `Note`: how far the buffer has come
============== ==================================================================

Signals that wait are not in it: they are in `news.signals`, and read again from the oldest.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from detection.ordering.reorder_buffer import BufferProgress, SortKey
from detection.ordering.watermarks import IdleClock, LineageState
from detection.rule import ALGORITHM, Rule
from streams.core.errors import Misconfigured
from streams.core.handler import Change

Found = Mapping[str, Mapping[str, bytes]]


class Note(NamedTuple):
    """How far the buffer has come, and the offsets of what was set aside since its oldest."""

    progress: BufferProgress = BufferProgress()
    set_aside: tuple[int, ...] = ()


class Known(NamedTuple):
    """What a changelog holds."""

    population: Mapping[str, bytes]
    lineages: list[LineageState]
    note: Note


def population_entries(changes: Iterable[tuple[str, bytes | None]]) -> Iterator[Change]:
    """What changed of the subjects."""
    for name, value in changes:
        yield b"d|" + name.encode(), value


def buffer_entries(rule: Rule, heard: Iterable[LineageState], note: Note) -> Iterator[Change]:
    """What changed of the buffer."""
    for lineage, latest, when in heard:
        yield b"l|" + lineage.encode(), orjson.dumps([latest, when])
    progress = note.progress
    value = {
        "detector": _detector(rule),
        **progress._asdict(),
        "time": list(progress.time),
        "set_aside": note.set_aside,
    }
    yield b"r|", orjson.dumps(value)


def found(rule: Rule, changes: Iterable[Change]) -> Known:
    """What the entries said.

    Raises:
        Misconfigured: another release wrote them, or bins of another length.
    """
    by_kind = _by_kind(changes)
    lineages = [_heard(name, orjson.loads(value)) for name, value in by_kind["l"].items()]
    return Known(by_kind["d"], lineages, _note(rule, by_kind["r"].get("")))


def _by_kind(changes: Iterable[Change]) -> Found:
    by_kind: dict[str, dict[str, bytes]] = {"d": {}, "l": {}, "r": {}}
    for key, value in changes:
        kind, _, name = key.decode().partition("|")
        if kind not in by_kind:
            raise _foreign("an unknown detector")
        if value is None:
            by_kind[kind].pop(name, None)
        else:
            by_kind[kind][name] = value
    return by_kind


def _note(rule: Rule, value: bytes | None) -> Note:
    if value is None:
        return Note()
    said = orjson.loads(value)
    detector = said.pop("detector", None) if isinstance(said, dict) else None
    if detector != _detector(rule):
        raise _foreign(detector or "an unknown detector")
    set_aside = tuple(said.pop("set_aside"))
    time, released = IdleClock(*said.pop("time")), _place(said.pop("released"))
    return Note(BufferProgress(time, released, **said), set_aside)


def _place(released: list[Any] | None) -> SortKey | None:
    return None if released is None else (released[0], released[1], released[2])


def _heard(name: str, said: list[float]) -> LineageState:
    return LineageState(name, said[0], said[1])


def _detector(rule: Rule) -> str:
    return f"{ALGORITHM} with bins of {rule.bin}"


def _foreign(detector: str) -> Misconfigured:
    return Misconfigured(
        f"state.detect was written by {detector}, which this worker can't go on from: run that "
        "release with those settings, or start afresh with another NEWSQUAKE_KAFKA__PREFIX"
    )
