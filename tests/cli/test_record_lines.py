"""Records as lines for people."""

from datetime import UTC, datetime

from cli.view.records import scored_line
from schemas.article import Article
from schemas.scored import ScoredArticle, Sentiment
from streams.core.record import Stored

PUBLISHED = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


def line_of(headline: str, *, language: str | None = None, unread: bool = False) -> str:
    """Return the line of an article that is 25 % negative."""
    scored = ScoredArticle(
        article=Article(key="k", source="wire", headline=headline, published=PUBLISHED),
        sentiment=Sentiment(negative=0.25, neutral=0.5, positive=0.25),
        topics={},
        subjects=(),
        model="m",
        language=language,
        unread=unread,
    )
    return scored_line(Stored("news.scored", 0, 0, 0, b"k", scored.to_bytes(), ()), UTC)


def test_an_article_that_no_model_has_read_shows_no_probability() -> None:
    """A person would take the neutral guess for the model's opinion."""
    unread = line_of("Nordbau senkt Prognose", language="de", unread=True)
    assert unread == "2026-03-02 08:15 +0000  ---  Nordbau senkt Prognose  []  (de, unread)"
    assert line_of("海恒股份", language="zh") == "2026-03-02 08:15 +0000  25%  海恒股份  []  (zh)"
    assert line_of("Acme falls") == "2026-03-02 08:15 +0000  25%  Acme falls  []"
