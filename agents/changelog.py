"""How `state.detect` holds what the detector remembers.

============== ==================================================================
key            value
============== ==================================================================
``d|name``     an entry of the `Population`: a subject's, or what all share
``p|number``   a `Signal` that waits for its turn; a tombstone once it left
``l|lineage``  latest event time of a lineage, and when it was heard
``r|``         how far the buffer has come, and the detector that wrote all this
============== ==================================================================
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from detection.ordering import Changes, Place, Progress, Snapshot
from detection.rule import ALGORITHM, Rule
from detection.watermarks import Heard, Time
from schemas.signal import Signal
from streams.failures import Misconfigured
from streams.handler import Change

Found = Mapping[str, Mapping[str, bytes]]


class Known(NamedTuple):
    """What a changelog holds."""

    population: Mapping[str, bytes]
    ordering: Snapshot


def entries(
    rule: Rule, population: Iterable[tuple[str, bytes | None]], ordering: Changes
) -> Iterator[Change]:
    """The changes of both, one a key."""
    for name, value in population:
        yield b"d|" + name.encode(), value
    if ordering.are_none:
        return
    for number, signal in ordering.added.items():
        yield b"p|%d" % number, signal.to_bytes()
    for number in ordering.removed:
        yield b"p|%d" % number, None
    for lineage, latest, heard in ordering.lineages:
        yield b"l|" + lineage.encode(), orjson.dumps([latest, heard])
    time, released, late = ordering.progress
    yield b"r|", orjson.dumps([_detector(rule), list(time), released, late])


def found(rule: Rule, changes: Iterable[Change]) -> Known:
    """What `entries` wrote.

    Raises:
        Misconfigured: another release wrote it, or bins of another length.
    """
    by_kind = _by_kind(changes)
    pending = {int(number): Signal.from_bytes(value) for number, value in by_kind["p"].items()}
    lineages = [_heard(name, orjson.loads(value)) for name, value in by_kind["l"].items()]
    return Known(by_kind["d"], Snapshot(pending, lineages, _progress(rule, by_kind)))


def _by_kind(changes: Iterable[Change]) -> Found:
    by_kind: dict[str, dict[str, bytes]] = {"d": {}, "p": {}, "l": {}, "r": {}}
    for key, value in changes:
        kind, _, name = key.decode().partition("|")
        if kind not in by_kind:
            raise _foreign("an unknown detector")
        if value is None:
            by_kind[kind].pop(name, None)
        else:
            by_kind[kind][name] = value
    return by_kind


def _progress(rule: Rule, by_kind: Found) -> Progress:
    if "" not in by_kind["r"]:
        return Progress()
    detector, *progress = orjson.loads(by_kind["r"][""])
    if detector != _detector(rule):
        raise _foreign(str(detector))
    time, released, late = progress
    return Progress(Time(*time), _place(released), late)


def _place(released: list[Any] | None) -> Place | None:
    return None if released is None else (released[0], released[1], released[2])


def _heard(name: str, said: list[float]) -> Heard:
    return name, said[0], said[1]


def _detector(rule: Rule) -> str:
    return f"{ALGORITHM} with bins of {rule.bin}"


def _foreign(detector: str) -> Misconfigured:
    return Misconfigured(
        f"state.detect was written by {detector}, which this worker can't go on from: run that "
        "release with those settings, or start afresh with another NEWSQUAKE_KAFKA__PREFIX"
    )
