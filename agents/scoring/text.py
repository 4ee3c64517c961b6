"""The text of an article that models read."""

from schemas.article import Article


def article_text(article: Article) -> str:
    """Headline and summary in one line, as sentences: models take them for what they are.

    >>> from datetime import UTC, datetime
    >>> news = Article(key="k", source="s", headline="Profit falls", published=datetime.now(UTC))
    >>> article_text(news), article_text(news.model_copy(update={"summary": "Costs rose."}))
    ('Profit falls', 'Profit falls. Costs rose.')
    """
    return f"{article.headline}. {article.summary}" if article.summary else article.headline
