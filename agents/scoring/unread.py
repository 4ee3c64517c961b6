"""Articles in a language that no model reads: they are counted, and said in the log."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog

from nlp.classifier import Scores
from nlp.languages.scripts import LANGUAGES
from nlp.languages.tags import primary
from schemas.metrics import processing as metrics
from schemas.metrics.processing import Sample

_MIN_INTERVAL_MILLISECONDS: Final = 60_000
"""The shortest time between two log lines: a feed may send thousands of such articles a minute."""
_OTHER: Final = "other"
"""Stands for languages with rare tags: each value of a label costs Prometheus memory."""
_log = structlog.get_logger(__name__)


def unread_samples(batch: Iterable[Scores]) -> Iterator[Sample]:
    """Yield the number of articles that no model reads, by language."""
    languages = [
        primary(scores.reader.language) for scores in batch if scores.reader and scores.is_unread
    ]
    counts = Counter(name if name in LANGUAGES else _OTHER for name in languages)
    for language, count in sorted(counts.items()):
        yield Sample(metrics.UNREAD, count, (language,))


@dataclass(slots=True)
class UnreadLog:
    """Tells of unread articles, at most once a minute."""

    _last: int = -_MIN_INTERVAL_MILLISECONDS
    _waiting: Counter[str] = field(default_factory=Counter)

    def log(self, samples: Iterable[Sample], now: int) -> None:
        """Add what ``samples`` count, and write a line if the last one is old enough.

        Args:
            samples: Samples of all metrics.
            now: The wall clock, milliseconds.
        """
        for sample in samples:
            if sample.metric is metrics.UNREAD:
                self._waiting[sample.labels[0]] += round(sample.value)
        if self._waiting and now - self._last >= _MIN_INTERVAL_MILLISECONDS:
            languages = dict(self._waiting.most_common())
            example = next((name for name in languages if name != _OTHER), "*")
            self._waiting.clear()
            self._last = now
            _log.warning(
                "articles unread",
                languages=languages,
                remedy="no model reads these languages, so the articles count for nothing: name "
                f"one, such as nlp.languages.{example}, or say that nlp.model reads "
                'every language with nlp.language="*"',
            )
