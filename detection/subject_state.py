"""What the detector remembers of one subject, and its bytes in the changelog."""

from dataclasses import dataclass, field, fields
from itertools import zip_longest
from struct import Struct
from typing import Final, NamedTuple, Self
from zlib import crc32

import orjson

from detection.alerting.alert_state import is_busy
from detection.alerting.last_change import LastChange
from detection.state_codec import NumberCodec
from detection.stories.headlines import (
    RankedHeadline,
    insert,
    read_severities,
    spell_severities,
)
from detection.stories.negative_weight import negative_weight
from detection.stories.recent_stories import RecentStories
from detection.subject_detector import SubjectDetector
from schemas.signal import Signal

MAX_SOURCES: Final = 16
"""Number of sources that are remembered of a subject."""

_HEADLINE_FIELDS: Final = 6
"""Fields of a headline in the JSON. The severity is not among them."""
_BLANKS: Final = b" \t"
_STORY: Final = Struct("<Qq")
_SOURCE: Final = Struct("<Iq")


@dataclass(slots=True)
class CaughtUpTo:
    """The end of the bins that a subject's state includes.

    Attributes:
        bin: number of the next bin.
        closed: number of bins that the population had closed.
        seasons: sum of their weekly factors.
    """

    bin: int = 0
    closed: int = 0
    seasons: float = 0.0


@dataclass(slots=True)
class Subject:
    """A company, a topic, or all of them together.

    Attributes:
        name: such as company:ACME.
        caught_up_to: end of the bins that the state includes.
        detector: everything that is known in numbers.
        stories: stories of the last days.
        sources: for each source the last bin with news of it, oldest first.
        headlines: the most negative headlines, highest rank first.
        model: identifier of the model that scored the last signal.
        last_change: the last change of its alert that was told.
    """

    name: str
    caught_up_to: CaughtUpTo = field(default_factory=CaughtUpTo)
    detector: SubjectDetector = field(default_factory=SubjectDetector)
    stories: RecentStories = field(default_factory=RecentStories)
    sources: dict[int, int] = field(default_factory=dict)
    headlines: list[RankedHeadline] = field(default_factory=list)
    model: str = ""
    last_change: LastChange = field(default_factory=LastChange)

    def take(self, signal: Signal, number: int) -> tuple[float, float] | None:
        """Count a signal in the open bin, which has this number. O(1).

        Return the volume and the negative volume that it adds, None if its story is known.
        """
        current = self.detector.open
        current.signals += 1
        news = None
        if self.stories.first_seen(signal.story, number):
            current.stories += 1
            weight = negative_weight(signal)
            news = signal.relevance, weight
            current.add(*news)
            current.squares += weight * weight
        self.model = signal.model
        source = crc32(signal.source.encode())
        self.sources.pop(source, None)
        self.sources[source] = number
        if len(self.sources) > MAX_SOURCES:
            del self.sources[next(iter(self.sources))]
        self.headlines = insert(self.headlines, signal, number)
        return news

    def is_update_due(self, number: int, interval: float) -> bool:
        """Return whether its alert fires and was last told ``interval`` bins before ``number``."""
        return self.detector.alert.is_firing and number - self.last_change.bin >= interval

    def to_bytes(self) -> bytes:
        """Return JSON of texts, the severities in blanks, a line feed, and numbers.

        These are less than 2 KB for a name of up to 100 bytes.
        """
        stories, sources = self.stories.reports, self.sources.items()
        headlines = [headline[:_HEADLINE_FIELDS] for headline in self.headlines]
        texts = [self.name, self.model, len(stories), len(sources), headlines]
        return b"".join(
            [
                orjson.dumps(texts),
                spell_severities(self.headlines),
                b"\n",
                *(_STORY.pack(*story) for story in stories),
                *(_SOURCE.pack(*source) for source in sources),
                _CODEC.pack(self),
            ]
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the subject that `to_bytes` wrote."""
        texts, _, numbers = data.partition(b"\n")
        name, model, stories, sources, rows = orjson.loads(texts)
        severities = read_severities(texts[len(texts.rstrip(_BLANKS)) :])
        headlines = [
            RankedHeadline._make((*row, severity))
            for row, severity in zip_longest(rows, severities)
        ]
        stories_end = stories * _STORY.size
        sources_end = stories_end + sources * _SOURCE.size
        subject = cls(name, model=model, headlines=headlines)
        subject.stories.reports = [*_STORY.iter_unpack(numbers[:stories_end])]
        subject.sources = dict(_SOURCE.iter_unpack(numbers[stories_end:sources_end]))
        _CODEC.unpack_into(subject, numbers[sources_end:])
        return subject


_CODEC: Final = NumberCodec.of(Subject(""), added=len(fields(LastChange)))


class Glance(NamedTuple):
    """What is known of a packed subject at a glance.

    Attributes:
        bin: number of the bin that it has caught up to.
        is_busy: whether the next bin can change anything even without news.
    """

    bin: int
    is_busy: bool


_GLANCED: Final = tuple(
    _CODEC.paths.index(path)
    for path in (
        *("caught_up_to.bin", "detector.open.signals"),
        *("detector.alert.active", "detector.alert.pending"),
    )
)


def peek(data: bytes) -> Glance:
    """Return what is needed of a subject that `Subject.to_bytes` packed, at a tenth of its time.

    Raises:
        ValueError: The bytes are no subject's.
        struct.error: They are too many or too few.
    """
    end = data.index(b"\n")
    _, _, stories, sources, _ = orjson.loads(data[:end])
    numbers = end + 1 + stories * _STORY.size + sources * _SOURCE.size
    bin_, *activity = _CODEC.pick(data, numbers, _GLANCED)
    return Glance(int(bin_), is_busy(*activity))
