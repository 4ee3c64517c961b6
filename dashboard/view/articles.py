"""The latest scored articles, to be found by key, by subject and by words."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.scored import ScoredArticle

MAX_ARTICLES: Final = 50_000
"""Articles that are remembered, about 1.5 KB each; the one that was scored first is forgotten."""
MAX_OF_SUBJECT: Final = 500
"""Articles that are remembered of one subject."""


@dataclass(slots=True)
class KeptArticle:
    """An article, with the records that tell of it.

    Attributes:
        values: The value of its record on `news.scored`, and of each revision.
        published: Unix time of publication.
        sent: Milliseconds since the epoch at which its producer sent it.
        scored: Milliseconds since the epoch at which its first record was written.
        place: Topic, partition and offset of its first record.
        words: What it is searched by, in lower case.
    """

    values: list[bytes]
    published: float
    sent: int
    scored: int
    place: str
    words: str

    def records(self) -> list[ScoredArticle]:
        """Return the scored article, and its revisions."""
        return [ScoredArticle.from_bytes(value) for value in self.values]


class Articles:
    """The latest articles, in the order in which they were scored first."""

    def __init__(self) -> None:
        self._articles: OrderedDict[str, KeptArticle] = OrderedDict()
        self._by_subject: dict[str, deque[str]] = {}

    def __len__(self) -> int:
        """Return the number of articles."""
        return len(self._articles)

    def get(self, key: str) -> KeptArticle | None:
        """Return the article with this key, or None if it is not remembered."""
        return self._articles.get(key)

    def add(self, scored: ScoredArticle, value: bytes, sent: int, written: int, place: str) -> bool:
        """Add a record of `news.scored`; return False if it is a revision, added to its article."""
        article = scored.article
        for subject in scored.subjects:
            keys = self._by_subject.get(subject)
            if keys is None:
                keys = self._by_subject[subject] = deque(maxlen=MAX_OF_SUBJECT)
            keys.append(article.key)
        if (earlier := self._articles.get(article.key)) is not None:
            earlier.values.append(value)
            return False
        words = " ".join((article.headline, article.source, *article.companies)).lower()
        self._articles[article.key] = KeptArticle(
            [value], article.published.timestamp(), sent, written, place, words
        )
        if len(self._articles) > MAX_ARTICLES:
            self._articles.popitem(last=False)
        return True

    def of_subject(self, subject: str, limit: int) -> list[KeptArticle]:
        """Return the latest articles that count for a subject, latest first."""
        return list(self._remembered(subject, limit))

    def _remembered(self, subject: str, limit: int) -> Iterator[KeptArticle]:
        for key in reversed(self._by_subject.get(subject, ())):
            if limit <= 0:
                return
            if (article := self._articles.get(key)) is not None:
                limit -= 1
                yield article

    def search(self, text: str, limit: int) -> list[KeptArticle]:
        """Return the articles with all words of ``text`` that were read last, latest first."""
        wanted, matches = text.lower().split(), list[KeptArticle]()
        for article in reversed(self._articles.values()):
            if all(word in article.words for word in wanted):
                matches.append(article)
                if len(matches) >= limit:
                    break
        return sorted(matches, key=lambda article: -article.published)
