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

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import orjson

from detection.ordering.reorder_buffer import BufferProgress
from detection.ordering.watermarks import IdleClock, LineageState
from detection.rule import ALGORITHM, Rule
from streams.core.errors import Misconfigured
from streams.core.handler import Change

BUFFER_KEY: Final = b"r|"


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
    """

    population: Mapping[str, bytes]
    lineages: list[LineageState]
    note: BufferNote


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
        Misconfigured: another algorithm wrote them, or one with bins of another length.
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

    note = BufferNote()
    if "" in by_kind["r"]:
        fields = orjson.loads(by_kind["r"][""])
        detector = fields.pop("detector", None) if isinstance(fields, dict) else None
        if detector != detector_name(rule):
            raise _foreign(detector or "an unknown detector")
        set_aside, time, released = (fields.pop(name) for name in ("set_aside", "time", "released"))
        last_released = (released[0], released[1], released[2]) if released else None
        progress = BufferProgress(IdleClock(*time), last_released, **fields)
        note = BufferNote(progress, tuple(set_aside))
    lineages: list[LineageState] = []
    for name, value in by_kind["l"].items():
        latest, heard_at = orjson.loads(value)
        lineages.append(LineageState(name, latest, heard_at))
    return RecalledState(by_kind["d"], lineages, note)


def detector_name(rule: Rule) -> str:
    """Return the name of the detector that works by ``rule``."""
    return f"{ALGORITHM} with bins of {rule.bin}"


def _foreign(detector: str) -> Misconfigured:
    return Misconfigured(
        f"state.detect was written by {detector}, which this worker can't go on from: run that "
        "release with those settings, or start afresh with another NEWSQUAKE_KAFKA__PREFIX"
    )
