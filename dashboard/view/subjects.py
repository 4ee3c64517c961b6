"""Subjects as the dashboard remembers them: needle, trace of closed bins, latest signals."""

from array import array
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log
from typing import Final, NamedTuple

from detection.needle import Needle
from detection.stories.negative_weight import negative_weight
from detection.trace import TracePoint
from schemas.alert import MARKET
from schemas.signal import Signal

MAX_SUBJECTS: Final = 5_000
"""Subjects that are remembered; the one without news for longest is forgotten."""
MAX_BINS: Final = 31 * 24
"""Closed bins that are remembered of a subject, about 64 bytes each: a month of hours."""
MAX_PULSES: Final = 240
"""Latest signals of a subject that are drawn one by one."""
MAX_MARKET_PULSES: Final = 2_000
"""Latest articles that are drawn one by one in the market's trace."""
_NATS: Final = log(10.0)
"""Alerts tell evidence as a decimal logarithm, the detector's trace as a natural one."""


class Pulse(NamedTuple):
    """One signal in a trace.

    Attributes:
        time: Unix time of publication.
        negative: Probability that it is negative.
        positive: Probability that it is positive.
    """

    time: float
    negative: float
    positive: float


class TraceRow(NamedTuple):
    """One closed bin of a subject.

    Attributes:
        time: Unix time of the end of the bin.
        volume: Number of stories, weighted by relevance.
        expected_volume: Expected value of the same.
        negative_share: Share of the volume that is negative.
        expected_share: Expected value of the same.
        evidence: Decimal logarithm of the evidence of a surge.
        threshold: Evidence at which an alert begins.
        deflection: The needle's at the end of the bin.
        before: The needle's at the beginning of the bin: it sinks through bins without news, which
            have no row.
    """

    time: float
    volume: float
    expected_volume: float
    negative_share: float
    expected_share: float
    evidence: float
    threshold: float
    deflection: float
    before: float


_WIDTH: Final = len(TraceRow._fields)


@dataclass(slots=True)
class SubjectView:
    """One subject.

    Attributes:
        needle: Its negative news now.
        pulses: Its latest signals.
        signals: Number of its signals since the dashboard began to read.
        latest: Unix time of its latest news.
    """

    needle: Needle = field(default_factory=Needle)
    pulses: deque[Pulse] = field(default_factory=lambda: deque(maxlen=MAX_PULSES))
    signals: int = 0
    latest: float = 0.0
    _cells: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, point: TracePoint, number: int) -> None:
        """Add the closed bin ``number``, which is later than all before."""
        before = self.needle.sunk_to(number)
        self.needle.close(point, number)
        evidence, threshold = point.statistic / _NATS, point.threshold / _NATS
        deflection = self.needle.sunk_to(number + 1)
        row = (point.at.timestamp(), *point[2:6], evidence, threshold, deflection, before)
        self._cells.extend(row)
        if len(self._cells) > MAX_BINS * _WIDTH * 5 // 4:
            del self._cells[: -MAX_BINS * _WIDTH]

    def rows(self, since: float = 0.0) -> Iterator[TraceRow]:
        """Yield the closed bins that ended after ``since``, Unix time, and the one before them."""
        cells = self._cells
        for start in range(0, len(cells), _WIDTH):
            is_next_later = start + _WIDTH >= len(cells) or cells[start + _WIDTH] > since
            if cells[start] > since or (since and is_next_later):
                yield TraceRow(*cells[start : start + _WIDTH])

    @property
    def last(self) -> TraceRow | None:
        """Return the last closed bin, or None before the first."""
        return TraceRow(*self._cells[-_WIDTH:]) if self._cells else None


class Subjects:
    """All subjects, those with the latest news last."""

    def __init__(self) -> None:
        self._subjects: OrderedDict[str, SubjectView] = OrderedDict()

    def __contains__(self, name: str) -> bool:
        """Return whether the subject is remembered."""
        return name in self._subjects

    def __getitem__(self, name: str) -> SubjectView:
        """Return a subject that is remembered."""
        return self._subjects[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._subjects)

    def touch(self, name: str) -> SubjectView:
        """Return the subject, as the one with the latest news."""
        subject = self._subjects.get(name)
        if subject is None:
            subject = self._subjects[name] = SubjectView()
            if name == MARKET:
                subject.pulses = deque(maxlen=MAX_MARKET_PULSES)
            if len(self._subjects) > MAX_SUBJECTS:
                self._subjects.popitem(last=False)
        self._subjects.move_to_end(name)
        return subject

    def count(self, signal: Signal, number: int) -> SubjectView:
        """Count a signal in bin ``number``."""
        subject, time = self.touch(signal.subject), signal.published.timestamp()
        subject.needle.count(signal.story, negative_weight(signal), number)
        subject.pulses.append(Pulse(time, signal.negative, signal.positive))
        subject.signals += 1
        subject.latest = max(subject.latest, time)
        return subject
