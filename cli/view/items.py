"""Views of the items of input files: as text for people, as JSON for programs."""

from typing import Any, Final

from agents.scoring.subjects import companies as companies_of
from infra.input.verdicts import Item
from nlp.companies.finder import CompanyFinder
from schemas.article import Article

_MAX_TEXT_CHARACTERS: Final = 160


class ItemView:
    """An item with the companies that it counts for.

    Attributes:
        warnings: What did not cost the article, and tickers that the company table lacks.
    """

    def __init__(self, item: Item, number: int, finder: CompanyFinder | None) -> None:
        self._item = item
        self._number = number
        self._article: Article | None = item.reading.article if item.reading else None
        self._sent, self._in_text, unknown = named_companies(self._article, finder)
        self.warnings = (*item.warnings, *unknown)

    def as_json(self) -> dict[str, Any]:
        """Return the fields of a line of ``newsquake check --json``."""
        item, article, reading = self._item, self._article, self._item.reading
        return {
            "file": item.message.file,
            "line": item.message.line,
            "item": self._number,
            "status": item.status,
            "code": item.code or None,
            "reason": item.reason or None,
            "original": f"{item.original[0]}:{item.original[1]}" if item.original else None,
            "identity": article.key if article else None,
            "identity_from": reading.identity_from if reading else None,
            "published": f"{article.published:%Y-%m-%dT%H:%M:%S}Z" if article else None,
            "published_from": reading.published_from if reading else None,
            "companies": self._sent,
            "companies_in_text": self._in_text,
            "source": article.source if article else None,
            "headline": article.headline if article else None,
            "url": article.url if article else None,
            "summary": article.summary if article else None,
            "language": article.language if article else None,
            "warnings": list(self.warnings),
        }

    def as_text(self) -> str:
        """Return the lines for a person."""
        item, article, reading = self._item, self._article, self._item.reading
        place = f"{item.message.file}:{item.message.line}"
        if article is None or reading is None:
            return f"{place} refused: {item.reason}"
        origin = f"{_origin(reading.published_from)}; source {article.source}"
        lines = [
            f"{place} {item.status}: {_cut(article.headline)}",
            f"  published {article.published:%Y-%m-%d %H:%M:%S} UTC, {origin}",
            f"  companies {_listed(self._sent)}; in the text {_listed(self._in_text)}",
            f"  identity {article.key}, {_origin(reading.identity_from)}",
        ]
        if article.url:
            lines.append(f"  {article.url}")
        if article.summary:
            lines.append(f"  {_cut(article.summary)}")
        if item.reason:
            lines.append(f"  {item.reason}")
        return "\n".join([*lines, *(f"  warning: {warning}" for warning in self.warnings)])


def named_companies(
    article: Article | None, finder: CompanyFinder | None
) -> tuple[list[str], list[str], list[str]]:
    """Return the tickers that were sent, those in the text, and warnings about unknown ones."""
    if article is None:
        return [], [], []
    if finder is None:
        return list(article.companies), [], []
    sent = list(finder.resolved(article.companies))
    subjects = [company.ticker for company in companies_of(article, finder)]
    unknown = [
        f"companies: '{ticker}' is not in the company table; it is counted under that name"
        for ticker in sent
        if not finder.is_listed(ticker)
    ]
    return sent, [ticker for ticker in subjects if ticker not in sent], unknown


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT_CHARACTERS else f"{text[:_MAX_TEXT_CHARACTERS]}…"


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _origin(name: str) -> str:
    return f"from {name}" if name else "from the record"
