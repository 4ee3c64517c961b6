"""The entries of `state.detect`, the changelog of the detector's memory.

============== ==================================================================
key            value
============== ==================================================================
``d|name``     an entry of the `Population`: a subject's, or one that all share
``l|lineage``  latest event time of a lineage, and when it was heard
``r|``         a `BufferNote`: how far the buffer has come
============== ==================================================================

Signals that wait are not in it. They are in `news.signals`, and are read again from the oldest on.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import orjson

from detection.ordering.reorder_buffer import BufferProgress
from detection.ordering.watermarks import IdleClock, LineageState
from detection.rule import ALGORITHM, READABLE_ALGORITHMS, Rule
from streams.core.errors import Misconfigured
from streams.core.handler import Change

BUFFER_KEY: Final = b"r|"
_DETECTOR: Final = re.compile(r"(.+) with bins of (?:(\d+) days?, )?(\d+):(\d\d):(\d\d(?:\.\d+)?)")
"""What `detector_name` returns."""


class BufferNote(NamedTuple):
    """The progress of the reorder buffer.

    Attributes:
        progress: Where the buffer stands, and the offset of the oldest signal that waits.
        set_aside: Offsets after the oldest of records that must not be counted when reread.
    """

    progress: BufferProgress = BufferProgress()
    set_aside: tuple[int, ...] = ()


class RecalledState(NamedTuple):
    """The contents of a changelog.

    Attributes:
        population: Entries of the `Population` by name.
        lineages: Every lineage that was heard of.
        note: The progress of the reorder buffer.
        foreign_bins: The length of the bins of the detector that wrote the population, if it has to
            be rebuilt; None if this one can go on from it.
    """

    population: Mapping[str, bytes]
    lineages: list[LineageState]
    note: BufferNote
    foreign_bins: timedelta | None = None


def buffer_entries(
    rule: Rule, lineages: Iterable[LineageState], note: BufferNote
) -> Iterator[Change]:
    """Yield the entries for ``lineages`` that were heard of since the last call, and the note."""
    for lineage, latest, heard_at in lineages:
        yield b"l|" + lineage.encode(), orjson.dumps([latest, heard_at])
    progress = note.progress
    value = {
        "detector": detector_name(rule),
        **progress._asdict(),
        "time": list(progress.time),
        "set_aside": note.set_aside,
    }
    yield BUFFER_KEY, orjson.dumps(value)


def await_all_lineages(value: bytes) -> bytes:
    """Return the note ``value`` as it is after an outage: each lineage, old or new, is awaited.

    After a growth there are lineages that never appeared, and none may be ahead of them.
    """
    note = orjson.loads(value)
    clock = IdleClock(*note["time"])
    return orjson.dumps(note | {"time": list(clock._replace(resumed=clock.elapsed))})


def read_changelog(rule: Rule, changes: Iterable[Change]) -> RecalledState:
    """Return the state that ``changes`` describe.

    Raises:
        Misconfigured: No detector of a known kind wrote them.
    """
    by_kind: dict[str, dict[str, bytes]] = {"d": {}, "l": {}, "r": {}}
    for key, value in changes:
        kind, _, name = key.decode().partition("|")
        if kind not in by_kind:
            raise _foreign("an unknown detector")
        if value is None:
            by_kind[kind].pop(name, None)
        else:
            by_kind[kind][name] = value

    note, foreign_bins = BufferNote(), None
    if "" in by_kind["r"]:
        fields = orjson.loads(by_kind["r"][""])
        detector = fields.pop("detector", None) if isinstance(fields, dict) else None
        if not can_go_on_from(detector, rule):
            _, foreign_bins = _detector(detector)
        try:
            note = _note(fields)
        except (LookupError, TypeError) as error:
            raise _foreign(detector) from error
    lineages: list[LineageState] = []
    for name, value in by_kind["l"].items():
        latest, heard_at = orjson.loads(value)
        lineages.append(LineageState(name, latest, heard_at))
    return RecalledState(by_kind["d"], lineages, note, foreign_bins)


def _note(fields: dict[str, Any]) -> BufferNote:
    """Return the note with these fields, without the detector's name."""
    set_aside, time, released = (fields.pop(name) for name in ("set_aside", "time", "released"))
    last_released = (released[0], released[1], released[2]) if released else None
    return BufferNote(BufferProgress(IdleClock(*time), last_released, **fields), tuple(set_aside))


def detector_name(rule: Rule) -> str:
    """Return the name of the detector that works by ``rule``."""
    return f"{ALGORITHM} with bins of {rule.bin}"


def can_go_on_from(detector: object, rule: Rule) -> bool:
    """Return whether the detector of ``rule`` reads the state of the one of this name."""
    algorithm, bins = _detector(detector)
    return algorithm in READABLE_ALGORITHMS and bins == rule.bin


def _detector(name: object) -> tuple[str, timedelta]:
    """Return algorithm and bins of the detector of this name.

    Raises:
        Misconfigured: It is no such name.
    """
    match = _DETECTOR.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        raise _foreign(name)
    algorithm, days, hours, minutes, seconds = match.groups()
    return algorithm, timedelta(
        days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=float(seconds)
    )


def _foreign(detector: object) -> Misconfigured:
    name = detector if isinstance(detector, str) else "an unknown detector"
    return Misconfigured(
        f"state.detect was written by {name}, which this worker can't go on from: run that "
        "release with those settings, or start afresh with another NEWSQUAKE_KAFKA__PREFIX"
    )
