"""The detector's memory of one partition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from agents.detecting.detector_changelog import BufferNote, buffer_entries, read_changelog
from agents.detecting.future_clock import heal
from agents.detecting.rebuild import Rebuild
from detection.ordering.reorder_buffer import ReorderBuffer
from detection.ordering.watermarks import NEVER
from detection.population import Population, Trace
from detection.rule import Rule
from schemas.alert import Alert
from schemas.signal import Signal
from streams.core.handler import Change


class LateCounts(NamedTuple):
    """Counts of one partition's late signals, from its first signal on.

    Attributes:
        out_of_order: Signals that were counted after signals with a later event time.
        not_counted: Signals whose bin was closed already.
    """

    out_of_order: int
    not_counted: int


@dataclass(slots=True)
class Silence:
    """Measures the time since the last record, while this worker was polling.

    Time during which nobody polled does not count, so a log that is read again, however late, is
    not taken for one that has fallen silent.

    Attributes:
        seconds: The silence so far.
    """

    seconds: float = 0.0
    _last_poll: int | None = None
    """The wall clock in milliseconds at the last poll of this worker."""

    def end(self, wall: int) -> None:
        """Note that records were read at the wall-clock time ``wall``, in milliseconds."""
        self.seconds = 0.0
        self._last_poll = wall

    def extend(self, wall: int) -> float:
        """Note that no record came until ``wall``, in milliseconds; return the silence so far."""
        if self._last_poll is not None:
            self.seconds += max(0, wall - self._last_poll) / 1000
        self._last_poll = wall
        return self.seconds


class DetectorState:
    """Every subject of one partition, and the signals that wait to be counted.

    Alerts are a function of the signals and of their order in the log. They depend neither on how
    the log was cut into batches nor on restarts.

    Attributes:
        population: The subjects.
        ordering: The signals that wait.
        silence: The time since the last record.
        oldest: The offset from which the signals of a recalled state must be put back; None if
            none waited.
        rebuild: What rebuilds the population until `resume`; None if this detector wrote the state.
    """

    def __init__(
        self, rule: Rule, lineages: int, changes: Iterable[Change], trace: Trace | None = None
    ) -> None:
        """Rebuild the state that wrote ``changes``, except for the signals that waited.

        ``trace`` is called with what is observed and expected of each bin that is closed. If
        another detector wrote them, the population is rebuilt from the signals that are put back.

        Raises:
            Misconfigured: No detector of a known kind wrote them.
        """
        self._max_ahead = rule.max_ahead.total_seconds()
        recalled, self._dropped = heal(rule, read_changelog(rule, changes))
        progress, bins = recalled.note.progress, recalled.foreign_bins
        self.rebuild: Rebuild | None = None
        self._outdated: set[str] = set()
        entries = recalled.population
        if bins is not None:
            self._outdated = set(entries)
            self.rebuild = Rebuild(rule, lineages, progress.released, entries, bins, trace)
            entries = {}
        self.population = Population.rebuilt(rule, entries.items(), trace)
        self.ordering = ReorderBuffer.restore(rule, lineages, progress, recalled.lineages)
        self.silence = Silence()
        self.oldest = progress.oldest
        self._rule = rule
        self._set_aside = list(recalled.note.set_aside)
        self._buffer_changed = False
        self._counted_until = NEVER

    def put_back(self, signal: Signal, sent: float, offset: int) -> None:
        """Put a signal back into a recalled state, if it waited and was not set aside.

        Signals that were counted are only put back where the population is rebuilt.
        """
        if offset in self._set_aside:
            return
        if self.rebuild:
            self.rebuild.offer(signal, sent, offset)
        self.ordering.put_back(signal, offset)

    def resume(self) -> list[Alert]:
        """End a rebuild, if there is one; return the alerts by which readers learn of it.

        What was open ends, and what is open by the new detector is told from its beginning.
        """
        if not self.rebuild:
            return []
        rebuild, self.rebuild = self.rebuild, None
        self.population, alerts = rebuild.end(self.ordering.watermarks.frontier())
        self._buffer_changed = True
        return alerts

    def forget_from(self, position: int) -> None:
        """Forget offsets from ``position`` on: the log lost the records that had them."""
        self._set_aside = [offset for offset in self._set_aside if offset < position]

    def is_ahead(self, signal: Signal, sent: float) -> bool:
        """Return whether a signal written at the Unix time ``sent`` is dated too far in the future.

        It would advance the detector's clock, and all news after it would be late. Both times stand
        in the record, so a replay gives the same answer, and an archive is never in the future.
        """
        return signal.published.timestamp() > sent + self._max_ahead

    def set_aside(self, offset: int) -> None:
        """Note that the record at ``offset`` must not be counted when it is reread."""
        if len(self.ordering):
            self._set_aside.append(offset)
            self._buffer_changed = True

    def offer(self, signal: Signal, sent: float, offset: int) -> list[Alert]:
        """Take in a signal sent at the Unix time ``sent``; return alerts of all it releases."""
        self._buffer_changed = True
        self.ordering.offer(signal, sent, offset)
        return self._advance()

    def wait(self, wall: int) -> list[Alert]:
        """Let time pass until ``wall`` (milliseconds) without a signal; return the alerts.

        Once all lineages are idle, the signals that wait are counted. Bins are closed a bin's
        length later: an earlier agent may be away, and its news still to come.
        """
        waiting = len(self.ordering)
        bin_seconds = self._rule.bin.total_seconds()
        alerts = self._advance(silence=self.silence.extend(wall), patience=bin_seconds)
        self._buffer_changed = self._buffer_changed or len(self.ordering) < waiting
        return alerts

    def _advance(self, *, silence: float = 0.0, patience: float = 0.0) -> list[Alert]:
        """Count what need wait no longer, and close bins up to the watermark.

        Both arguments are seconds: of silence so far, and by which bins are closed later.
        """
        alerts: list[Alert] = []
        frontier = self.ordering.watermarks.frontier(silence)
        for signal in self.ordering.release_before(frontier):
            alerts += self.population.count(signal)
        if patience:
            frontier = self.ordering.watermarks.frontier(silence, patience)
        if frontier > self._counted_until:
            self._counted_until = frontier
            alerts += self.population.advance(datetime.fromtimestamp(frontier, UTC))
        return alerts

    @property
    def late(self) -> LateCounts:
        """The counts of late signals."""
        return LateCounts(self.ordering.late, self.population.late)

    @property
    def delay(self) -> float | None:
        """Event time in seconds between the newest signal and the watermark.

        None before the first signal, and while a lineage that was never heard of may still begin.
        """
        frontier = self.ordering.watermarks.frontier()
        return max(0.0, self.ordering.watermarks.newest - frontier) if frontier > NEVER else None

    def changes(self) -> Iterator[Change]:
        """Yield the changes of the changelog since the last call, one for each key."""
        yield from self._dropped
        self._dropped = []
        for name, value in self.population.changes():
            self._outdated.discard(name)
            yield b"d|" + name.encode(), value
        yield from ((b"d|" + name.encode(), None) for name in sorted(self._outdated))
        self._outdated.clear()
        if self._buffer_changed:
            self._buffer_changed = False
            progress = self.ordering.progress
            oldest = progress.oldest
            self._set_aside = [
                offset for offset in self._set_aside if oldest is not None and offset > oldest
            ]
            note = BufferNote(progress, tuple(self._set_aside))
            yield from buffer_entries(self._rule, self.ordering.take_changed_lineages(), note)
