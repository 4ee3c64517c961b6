"""What the detector remembers of one subject, and how that is written down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Final, Self
from zlib import crc32

import orjson

from detection.bins import ratio
from detection.expected.negative_share import NegativeShare
from detection.state_codec import pack, unpack
from detection.stories.headlines import RankedHeadline, insert
from detection.stories.recent_stories import RecentStories
from detection.subject_detector import SubjectDetector
from schemas.signal import Signal

MOST_SOURCES: Final = 16
"""Distinct sources that are told apart."""

_STORY: Final = Struct("<Qq")
_SOURCE: Final = Struct("<Iq")


@dataclass(slots=True)
class Open:
    """What came in the bin that is open; ``volume`` and ``negative`` weighted by relevance.

    ``squares`` are those of what each story adds to ``negative``.
    """

    volume: float = 0.0
    negative: float = 0.0
    squares: float = 0.0
    stories: int = 0
    signals: int = 0


@dataclass(slots=True)
class Passed:
    """What a subject has been brought up to: the next bin, how many were closed, their seasons."""

    bins: int = 0
    closed: int = 0
    seasons: float = 0.0
    peak: float = 0.0


@dataclass(slots=True)
class Subject:
    """A company, a topic, or all of them together."""

    name: str
    passed: Passed = field(default_factory=Passed)
    open: Open = field(default_factory=Open)
    detector: SubjectDetector = field(default_factory=SubjectDetector)
    share: NegativeShare = field(default_factory=NegativeShare)
    stories: RecentStories = field(default_factory=RecentStories)
    sources: dict[int, int] = field(default_factory=dict)
    headlines: list[RankedHeadline] = field(default_factory=list)
    model: str = ""

    def take(self, signal: Signal, number: int) -> None:
        """Count a signal in the open bin, which has this number. O(1)."""
        it = self.open
        it.signals += 1
        if self.stories.first_seen(signal.story, number):
            it.stories += 1
            weight = signal.relevance * signal.negative
            it.volume += signal.relevance
            it.negative += weight
            it.squares += weight * weight
        self.model = signal.model
        source = crc32(signal.source.encode())
        self.sources.pop(source, None)
        self.sources[source] = number
        if len(self.sources) > MOST_SOURCES:
            del self.sources[next(iter(self.sources))]
        self.headlines = insert(self.headlines, signal, number)

    def settle(self) -> None:
        """What its alert has told of is the usual from now on, as far as it still goes on."""
        total, now = self.detector.alarm.episode.total, self.detector.window
        times = min(ratio(total.volume, total.expected), ratio(now.volume, now.ordinary))
        share = min(ratio(total.negative, total.volume), ratio(now.negative, now.volume))
        self.detector.volume.settle(max(times, 1.0))
        self.share.settle(share)
        now.settle(max(times, 1.0), share)

    @property
    def busy(self) -> bool:
        """Whether the end of the bin can change what is known or said of it."""
        return bool(self.open.signals) or self.detector.alarm.busy

    def to_bytes(self) -> bytes:
        """JSON of texts, a line feed, numbers; under 2 KB for a name of up to 100 bytes."""
        stories, sources = self.stories.reports, self.sources.items()
        headlines = [list(it) for it in self.headlines]
        texts = [self.name, self.model, len(stories), len(sources), headlines]
        return b"".join(
            [
                orjson.dumps(texts, option=orjson.OPT_APPEND_NEWLINE),
                *(_STORY.pack(*story) for story in stories),
                *(_SOURCE.pack(*source) for source in sources),
                pack(self._numbers()),
            ]
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Undo `to_bytes`."""
        texts, _, numbers = data.partition(b"\n")
        name, model, stories, sources, headlines = orjson.loads(texts)
        told = stories * _STORY.size
        last = told + sources * _SOURCE.size
        subject = cls(name, model=model, headlines=[RankedHeadline(*it) for it in headlines])
        subject.stories.reports = [*_STORY.iter_unpack(numbers[:told])]
        subject.sources = dict(_SOURCE.iter_unpack(numbers[told:last]))
        unpack(numbers[last:], subject._numbers())
        subject.detector.alarm.peak = subject.passed.peak
        return subject

    def _numbers(self) -> list[Any]:
        self.passed.peak = self.detector.alarm.peak
        return [self.passed, self.open, self.share, *self.detector.numbers()]


def sources_since(subjects: Iterable[Subject], number: int) -> int:
    """Distinct sources from a bin on, of which each subject knows `MOST_SOURCES` at most."""
    seen = (source for it in subjects for source, last in it.sources.items() if last >= number)
    return len(set(seen))
