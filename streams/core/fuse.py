"""The fuse: a bad deploy must not drain a topic into the dead letters."""

import asyncio
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import structlog

from streams.core.errors import FuseBlown
from streams.core.handler import Batch, Decision, M
from streams.core.lease import Leases

_log = structlog.get_logger(__name__)

MIN_HEALTHY_SHARE = 0.1
"""Sources that are mostly accepted show that the deployment works, if more than this share of the
records is theirs. Then it is some producer that is at fault, and the others go on."""
MEMORY_MS = 24 * 3_600 * 1_000
"""Milliseconds for which a start remembers that the fuse blew; each blow begins them anew."""
_NOTE_SECONDS: Final = 5.0
"""The time that a worker whose fuse blew gives Kafka to remember it."""
_NAMED_SOURCES = 3
_NOTE = "fuse blown "


class Tally(NamedTuple):
    """The number of records of one source, and of those of them that were rejected."""

    records: int
    rejected: int


@dataclass(slots=True)
class Fuse:
    """Blows if, of the last ``window`` records, more than ``share`` were rejected.

    It blows only once a window is full: a handful of bad records at the start proves nothing. A
    ``share`` of 1 never blows. One bad source does not blow it while others are mostly accepted,
    unless hardly anything else comes in (`MIN_HEALTHY_SHARE`).

    >>> fuse = Fuse(share=0.5, window=10)
    >>> fuse.count({"wire": Tally(6, rejected=0)})
    []
    >>> fuse.count({"wire": Tally(6, rejected=6)})
    []
    >>> fuse.count({"wire": Tally(6, rejected=6)})
    Traceback (most recent call last):
    ...
    streams.core.errors.FuseBlown: 12 of the last 12 records were rejected (wire: 12 of 12), ...

    Attributes:
        share: The share of rejected records that is still allowed, above 0 and up to 1.
        window: The number of records that are looked at.
        is_warm: Whether the fuse blew before this start. Until a window is full it then judges
            what has come so far, so that a restart sets no further records aside.
    """

    share: float
    window: int
    is_warm: bool = False
    _batches: deque[Mapping[str, Tally]] = field(default_factory=deque)
    _records: Counter[str] = field(default_factory=Counter)
    _rejected: Counter[str] = field(default_factory=Counter)
    _reported: set[str] = field(default_factory=set)

    @property
    def rejected_share(self) -> float:
        """The share of rejected records among those that are looked at; 0 without any."""
        records = self._records.total()
        return self._rejected.total() / records if records else 0.0

    def count(self, batch: Mapping[str, Tally]) -> list[str]:
        """Add a batch, by source.

        Returns:
            The sources that are mostly rejected while others are not, each of them once.

        Raises:
            FuseBlown: Too large a share of the window was rejected.
        """
        self._add(batch, 1)
        self._batches.append(batch)

        # Whole batches leave the window, as long as those that stay still fill it.
        records = self._records.total()
        while records - sum(tally.records for tally in self._batches[0].values()) >= self.window:
            self._add(self._batches.popleft(), -1)
            records = self._records.total()

        rejected = self._rejected.total()
        is_full = records >= self.window
        is_judged, self.is_warm = is_full or self.is_warm, self.is_warm and not is_full
        if not is_judged or rejected <= self.share * records:
            return []
        bad = [
            source
            for source, count in self._records.items()
            if self._rejected[source] > self.share * count
        ]
        healthy = records - sum(self._records[source] for source in bad)
        if healthy <= MIN_HEALTHY_SHARE * records:
            raise FuseBlown(self._explain(records, rejected))
        new = [source for source in bad if source not in self._reported]
        self._reported.update(new)
        return new

    def _add(self, batch: Mapping[str, Tally], sign: int) -> None:
        for source, (records, rejected) in batch.items():
            self._records[source] += sign * records
            self._rejected[source] += sign * rejected
            if not self._records[source]:
                del self._records[source], self._rejected[source]

    def _explain(self, records: int, rejected: int) -> str:
        sources = ", ".join(
            f"{source}: {count} of {self._records[source]}"
            for source, count in self._rejected.most_common(_NAMED_SOURCES)
            if count
        )
        return (
            f"{rejected} of the last {records} records were rejected ({sources}), more than the "
            f"fuse allows (worker.fuse_share = {self.share:.0%}): nothing of the last batch was "
            "committed, and a restart stops at the same records without setting any aside. Read "
            "the reasons with `newsquake watch dead --from-beginning` and mend the producer or the "
            "deployment; or set these records aside on purpose by running the worker with "
            "NEWSQUAKE_WORKER__FUSE_SHARE=1 until they are past"
        )


def tallies(topic: str, records: int, decisions: Sequence[Decision]) -> dict[str, Tally]:
    """Return the records of a batch by source; those whose source nobody knows count as ``topic``.

    Only a batch with rejections is looked into, so that good records cost nothing. There each item
    of a record that holds several counts, since each of them is rejected by itself.
    """
    rejections = [rejection for decision in decisions for rejection in decision.rejections]
    if not rejections:
        return {topic: Tally(records, 0)} if records else {}
    rejected = Counter(rejection.source or topic for rejection in rejections)
    counts = Counter(rejected)
    for decision in decisions:
        counts.update(decision.accepted)
    counts[topic] += max(0, records - counts.total())
    return {source: Tally(count, rejected[source]) for source, count in counts.items() if count > 0}


def blown_note(now_ms: int) -> str:
    """Return the note that stands beside a committed offset after the fuse blew."""
    return f"{_NOTE}{now_ms}"


def tells_of_blow(note: str, now_ms: int) -> bool:
    """Return whether the fuse blew less than `MEMORY_MS` ago, by the note beside an offset."""
    blown_at = note.removeprefix(_NOTE)
    return note.startswith(_NOTE) and blown_at.isdigit() and now_ms - int(blown_at) < MEMORY_MS


async def check_fuse(
    fuse: Fuse, leases: Leases[M], batches: Sequence[Batch[M]], decisions: Sequence[Decision]
) -> None:
    """Count records and rejections; leave a note for the next start when the fuse blows.

    Raises:
        FuseBlown: Too many records were rejected.
    """
    stage, now = leases.stage, batches[0].now
    notes = [leases.notes.pop() for _ in range(len(leases.notes))]
    fuse.is_warm |= any(tells_of_blow(note, now) for note in notes)
    records = sum(len(batch.records) for batch in batches)
    try:
        bad_sources = fuse.count(tallies(stage.source, records, decisions))
    except FuseBlown:
        with suppress(Exception):  # the reason to end the process is the fuse
            note = leases.write_note(blown_note(now))
            await asyncio.wait_for(note, _NOTE_SECONDS)
        raise
    for source in bad_sources:
        _log.warning(
            "most records of one source are set aside, the others go on: mend the producer; "
            "`newsquake watch dead --from-beginning` shows the reasons",
            agent=stage.name,
            source=source,
        )
