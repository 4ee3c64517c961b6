"""Everything that the dashboard shows of the news, folded from records: pure, in memory, bounded.

It can be thrown away and read again. Its traces come from the same detector as the alerts, run over
the signals that the dashboard reads; the alerts are those on the topic, and no others.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from agents.detecting.detector_state import DetectorState
from agents.silencing.silence_book import silencing_id
from dashboard.view.alerts import Alerts
from dashboard.view.articles import Articles
from dashboard.view.flow import Flow, Letter
from dashboard.view.silences import Silences
from dashboard.view.subjects import Pulse, Subjects
from detection.expected.bin_clock import BinClock
from detection.rule import Rule
from detection.trace import TracePoint
from schemas.alert import MARKET, Alert
from schemas.channels import ALERTS, DEAD, SCORED, SIGNALS, SILENCES
from schemas.dead_letter import DeadLetter
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle
from schemas.sent_time import sent_at
from schemas.signal import Signal
from streams.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHANNELS: Final = (SCORED, SIGNALS, ALERTS, DEAD)
"""The channels of the flow of news."""
READ: Final = (*CHANNELS, SILENCES)
"""The channels that are read."""
_LIVE_SECONDS: Final = 2 * 86_400.0
"""News that is older than this is an archive: its own latest time is the present."""


@dataclass(slots=True)
class Changes:
    """What changed in the view.

    Attributes:
        subjects: New signals of each subject that changed.
        alerts: Ids of the alerts that changed, in order.
    """

    subjects: dict[str, list[Pulse]] = field(default_factory=dict)
    alerts: dict[str, None] = field(default_factory=dict)


class NewsView:
    """What the topics say, as far as it is remembered.

    Attributes:
        subjects: The subjects.
        articles: The latest articles.
        alerts: The alerts.
        silences: What people said about them.
        flow: Rates, delays and dead letters.
        unreadable: Number of records that could not be read.
        latest: Unix time of the latest news.
        model: Id of the model that scored the latest article.
        changes: What changed since the last call of `take_changes`.
    """

    def __init__(self, rule: Rule, lineages: int) -> None:
        self.subjects = Subjects()
        self.articles = Articles()
        self.alerts = Alerts()
        self.silences = Silences()
        self.flow = Flow()
        self.unreadable = 0
        self.latest = 0.0
        self.model = ""
        self.changes = Changes()
        self._rule = rule
        self._lineages = lineages
        self._clock = BinClock(rule.bin)
        self._detectors: dict[int, DetectorState] = {}
        self._take: Mapping[str, Callable[[Record], None]] = {
            SCORED.topic: self._take_scored,
            SIGNALS.topic: self._take_signal,
            ALERTS.topic: self._take_alert,
            DEAD.topic: self._take_dead,
            SILENCES.topic: self.silences.take,
        }

    def take(self, topic: str, record: Record) -> None:
        """Take in a record of a topic, which is named without the prefix."""
        self.flow.count(topic, record.timestamp)
        try:
            self._take[topic](record)
        except Refusal:
            self.unreadable += 1

    def take_changes(self) -> Changes:
        """Return what changed since the last call."""
        changes, self.changes = self.changes, Changes()
        return changes

    def end_silence(self, wall: int) -> None:
        """Note that records were read at the wall-clock time ``wall``, in milliseconds."""
        for detector in self._detectors.values():
            detector.silence.end(wall)

    def wait(self, wall: int) -> None:
        """Let time pass until ``wall`` (milliseconds) without a record, as the detector does."""
        for detector in self._detectors.values():
            detector.wait(wall)

    def now(self, wall: float) -> float:
        """Return the present of the news as Unix time: its latest time, or the clock's."""
        is_live = 0.0 <= wall - self.latest < _LIVE_SECONDS
        return wall if is_live or not self.latest else self.latest

    @property
    def watermark_delay(self) -> float | None:
        """Return the event time in seconds from the newest signal back to the slowest watermark."""
        delays = [detector.delay for detector in self._detectors.values()]
        return max((delay for delay in delays if delay is not None), default=None)

    @property
    def bin_seconds(self) -> float:
        """Return the length of a bin."""
        return self._rule.bin.total_seconds()

    def bin_at(self, time: float) -> int:
        """Return the number of the bin that holds a Unix time."""
        return self._clock.bin(datetime.fromtimestamp(time, UTC))

    def _take_scored(self, record: Record) -> None:
        scored = ScoredArticle.from_event(record.value, record.headers)
        sent = sent_at(record.headers, record.timestamp)
        place = f"{record.topic}/{record.partition}@{record.offset}"
        if self.articles.add(scored, record.value or b"", sent, record.timestamp, place):
            pulse = Pulse(
                scored.article.published.timestamp(),
                scored.sentiment.negative,
                scored.sentiment.positive,
            )
            self.subjects.touch(MARKET).pulses.append(pulse)
            self.changes.subjects.setdefault(MARKET, []).append(pulse)
        self.flow.add_delay("score", sent, record.timestamp)
        self.model = scored.model if not scored.unread else self.model

    def _take_signal(self, record: Record) -> None:
        signal = Signal.from_event(record.value, record.headers)
        detector = self._detectors.get(record.partition)
        if detector is None:
            detector = self._detectors[record.partition] = DetectorState(
                self._rule, self._lineages, (), self._add_point
            )
        sent = record.timestamp / 1000
        if detector.is_ahead(signal, sent):
            return
        subject = self.subjects.count(signal, self._clock.bin(signal.published))
        self.latest = max(self.latest, subject.latest)
        self.changes.subjects.setdefault(signal.subject, []).append(subject.pulses[-1])
        detector.offer(signal, sent, record.offset)

    def _add_point(self, point: TracePoint) -> None:
        number = self._clock.bin(point.at) - 1
        subject = self.subjects.touch(point.subject)
        if number > subject.needle.closed:
            subject.add(point, number)
            self.changes.subjects.setdefault(point.subject, [])
            if point.subject == MARKET:
                subject.latest = max(subject.latest, point.at.timestamp())

    def _take_alert(self, record: Record) -> None:
        alert = Alert.from_event(record.value, record.headers)
        if self.alerts.add(alert, record.timestamp, silencing_id(record.headers)):
            self.changes.alerts[alert.id] = None
            sent = [self.articles.get(headline.key) for headline in alert.headlines]
            if alert.status == "firing" and any(sent):
                latest = max(article.sent for article in sent if article)
                self.flow.add_delay("detect", latest, record.timestamp)

    def _take_dead(self, record: Record) -> None:
        letter = DeadLetter.from_headers(record.headers)
        origin = f"{letter.topic or '?'}/{letter.partition}@{letter.offset}"
        self.flow.add_letter(
            Letter(
                record.timestamp,
                letter.stage or "unknown",
                letter.reason,
                letter.message or "",
                origin,
                f"{record.partition}@{record.offset}",
            )
        )
