"""The right value of an article, for every test that reads one."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from schemas.article import Article
from schemas.identity import Content, Pair, content_key, id_key, page_key

MOMENT: Final = datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
DAY: Final = datetime(2026, 3, 3, tzinfo=UTC)


class Right(NamedTuple):
    """What must be read of an item.

    Attributes:
        key: Its identity.
        published: The time of publication.
        companies: The tickers that the producer gives.
        source: Who published it.
    """

    key: str
    published: datetime = MOMENT
    companies: tuple[str, ...] = ()
    source: str = "unknown"


def as_read(article: Article) -> Right:
    """Return what was read of an item."""
    return Right(article.key, article.published, article.companies, article.source)


def own(source: str, identifier: str) -> str:
    """Return the identity of an item with an id of its own within its source."""
    return id_key(Pair(source, identifier))


def page(address: str) -> str:
    """Return the identity of an item of `DAY` with a page of its own, without its scheme."""
    return page_key(address, DAY.date().isoformat())


def content(headline: str, *companies: str, source: str = "", day: datetime = DAY) -> str:
    """Return the identity of an item that has neither."""
    return content_key(Content(source, headline, companies, day.date().isoformat()))
