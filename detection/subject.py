"""What the detector remembers of one subject, and how that is written down."""

from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Final, Self
from zlib import crc32

import orjson

from detection.episode import Episode
from detection.evidence import EFFECTS, Run, evidence
from detection.novelty import Stories
from detection.recent import Recent
from detection.packed import pack, unpack
from detection.share import Share
from detection.tail import Tail
from detection.telling import Telling, keep
from detection.volume import Volume
from schemas.signal import Signal

MOST_SOURCES: Final = 16
"""Distinct sources that are told apart."""

_STORY: Final = Struct("<Qi")
_SOURCE: Final = Struct("<Ii")


@dataclass(slots=True)
class Open:
    """What came in the bin that is open."""

    volume: float = 0.0
    negative: float = 0.0
    stories: int = 0
    signals: int = 0


@dataclass(slots=True)
class Passed:
    """What a subject has been brought up to: the bin that is next, the seasons of all before it
    added up, and the highest evidence since it was last at zero.
    """

    bins: int = 0
    seasons: float = 0.0
    peak: float = 0.0


@dataclass(slots=True)
class Subject:
    """One series of news: a company, a topic, or all of them."""

    name: str
    passed: Passed = field(default_factory=Passed)
    open: Open = field(default_factory=Open)
    volume: Volume = field(default_factory=Volume)
    share: Share = field(default_factory=Share)
    recent: Recent = field(default_factory=Recent)
    tail: Tail = field(default_factory=Tail)
    runs: list[Run] = field(default_factory=lambda: [Run() for _ in EFFECTS])
    episode: Episode = field(default_factory=Episode)
    stories: Stories = field(default_factory=Stories)
    sources: dict[int, int] = field(default_factory=dict)
    headlines: list[Telling] = field(default_factory=list)
    model: str = ""

    def take(self, signal: Signal, number: int) -> None:
        """Count a signal in the bin ``number``, which is open."""
        novel = self.stories.novel(signal.story, number)
        it = self.open
        it.signals += 1
        if novel:
            it.stories += 1
            it.volume += signal.relevance
            it.negative += signal.relevance * signal.negative
        self.model = signal.model
        source = crc32(signal.source.encode())
        self.sources.pop(source, None)
        self.sources[source] = number
        if len(self.sources) > MOST_SOURCES:
            del self.sources[next(iter(self.sources))]
        self.headlines = keep(self.headlines, signal, number)

    def to_bytes(self) -> bytes:
        """JSON of texts, a line feed, numbers; under 2 KB for names of up to 100 bytes."""
        stories, sources = self.stories.told, self.sources.items()
        texts = [self.name, self.model, len(stories), len(sources), self.headlines]
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
        told, last = stories * _STORY.size, stories * _STORY.size + sources * _SOURCE.size
        subject = cls(name, model=model, headlines=[Telling(*it) for it in headlines])
        subject.stories.told = [*_STORY.iter_unpack(numbers[:told])]
        subject.sources = dict(_SOURCE.iter_unpack(numbers[told:last]))
        unpack(numbers[last:], subject._numbers())
        return subject

    def _numbers(self) -> list[Any]:
        episode = self.episode
        return [
            self.passed,
            self.open,
            self.volume,
            self.share,
            self.recent,
            self.tail,
            *self.runs,
            episode.phase,
            episode.total,
        ]

    @property
    def resting(self) -> bool:
        """Whether nothing happens to it until its next signal."""
        return not (self.open.signals or self.episode.firing or evidence(self.runs) or self.passed.peak)
