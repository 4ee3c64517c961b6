"""Search for the companies that a text is about."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Self

from nlp.companies import table
from nlp.companies.company_list import (
    LEGAL_FORM_AT_END,
    ListedCompany,
    builtin_csv,
    names_of_other_things,
)
from nlp.companies.cue_words import EVENT_OR_BUILDING_AFTER
from nlp.companies.disambiguation import (
    NameInText,
    context_phrases,
    is_contradicted,
    means_company,
)
from nlp.companies.folding import lower, plain
from nlp.companies.name_index import Mention, NameIndex
from nlp.companies.relevance import article_relevance, body_relevance, headline_relevance
from nlp.companies.settings import CompanySettings
from nlp.companies.tickers import written_tickers
from nlp.companies.written_names import OPENING_BRACKET, names_as_written, without_tickers

MAX_BODY_CHARS: Final = 20_000
"""The rest of a longer body is not searched."""
MAX_COMPANIES: Final = 32
"""Each company makes a signal, so that of a list of hundreds only the most relevant count."""
_LIST_SEPARATOR: Final = re.compile(r"(?:'s)?(?:, | and |, and | & |/)")
_NamedCompanies = tuple[str, str, list[Mention]]
"""A text, its lower case, and the companies that it names, in its order."""


class Company(NamedTuple):
    """A company of an article.

    Attributes:
        ticker: its ticker in the table, or else as the producer gives it.
        relevance: from above 0 to 1; 1 for the subject of the text, 0.15 for a bystander.
        mention: its name as the text writes it, where the headline first names it, or else the
            body; empty if neither does.
    """

    ticker: str
    relevance: float
    mention: str = ""


class CompanyFinder:
    """Finds companies by name and by ticker; the same text always has the same companies.

    If two listed companies share a name, the first one owns it. Companies with a relevance below
    ``floor`` are left out.
    """

    def __init__(self, companies: Iterable[ListedCompany] = (), floor: float = 0.0) -> None:
        listed = list(companies)
        self._phrases = context_phrases()
        doubtful_names = [name for name, phrases in self._phrases.items() if phrases.supporting]
        self._names = NameIndex(listed, doubtful_names, names_of_other_things())
        self._listed_tickers = {company.ticker for company in listed}
        self._floor = floor

    @classmethod
    def load(cls, settings: CompanySettings) -> Self | None:
        """Return the finder that the settings describe, or None if they turn the search off.

        Raises:
            BadTable: the user's list can't be used.
        """
        if not settings.find:
            return None
        return cls(listed_companies(settings), settings.floor)

    def find(
        self,
        headline: str,
        body: str = "",
        sent_tickers: Sequence[str] = (),
        sent_names: Sequence[str] = (),
    ) -> list[Company]:
        """Return the companies of an article: those that its producer sent, then those found.

        Companies of ``sent_tickers`` are always there, in that order, under the table's ticker for
        them, with their relevance in the text, or 1 if the text does not name them. So are those
        of ``sent_names`` that the table knows. Companies found follow, most relevant first.

        >>> companies = CompanyFinder.load(CompanySettings(floor=0))
        >>> companies.find("Ford to recall pickups, says analyst at Goldman Sachs", "", ["ACME"])
        [Company(ticker='ACME', relevance=1.0, mention=''), \
Company(ticker='F', relevance=1.0, mention='Ford'), \
Company(ticker='GS', relevance=0.15, mention='Goldman Sachs')]
        """
        sent_tickers = self.resolved(sent_tickers, sent_names)
        body = body[:MAX_BODY_CHARS]
        in_headline, in_body = self._sure_mentions(
            plain(headline), plain(body), frozenset(sent_tickers)
        )
        relevance = article_relevance(headline_relevance(*in_headline), body_relevance(*in_body))
        names = names_as_written(headline, in_headline[2]) if in_headline[2] else {}
        if in_body[2]:
            names = names_as_written(body, in_body[2]) | names

        sent = [
            Company(ticker, relevance.pop(ticker, 1.0), names.get(ticker, ""))
            for ticker in sent_tickers
        ]
        taken = set(sent_tickers)
        found = [
            Company(ticker, weight, names[ticker])
            for ticker, weight in relevance.items()
            if weight >= self._floor and ticker not in taken
        ]
        return sent + sorted(found, key=lambda company: -company.relevance)[:MAX_COMPANIES]

    def sure_names(self, text: str, subject: str = "") -> list[Mention]:
        """Return the names of listed companies that a text mentions beyond doubt, in its order.

        Tickers are no names. The company called ``subject`` is beyond doubt. Mentions count the
        characters of the `plain` text.

        >>> companies = CompanyFinder.load(CompanySettings())
        >>> companies.sure_names("Target to close 200 stores, sets a new target; $F falls")
        [Mention(start=0, end=6, ticker='TGT', doubtful=True)]
        """
        text = plain(text)
        if not self._names.find(text, lower(text)):
            return []
        owner = self.named(subject) if subject else None
        in_text, _ = self._sure_mentions(text, "", frozenset((owner,) if owner else ()))
        return without_tickers(text, in_text[2])

    def is_listed(self, ticker: str) -> bool:
        """Return whether the company table has the company that ``ticker`` stands for."""
        return self._owner(ticker) is not None

    def resolved(self, tickers: Sequence[str], names: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the table's tickers of companies that a producer sent, each once.

        A ticker that the table does not know stays as it is; such a name is left out.

        >>> CompanyFinder.load(CompanySettings()).resolved(["BRK-B", "ZZZ"], ["Apple Inc", "Acme"])
        ('BRK.B', 'ZZZ', 'AAPL')
        """
        owners = [self._owner(ticker) or self.named(ticker) or ticker for ticker in tickers]
        return tuple(dict.fromkeys([*owners, *filter(None, map(self.named, names))]))

    def named(self, name: str) -> str | None:
        """Return the ticker of the company called ``name``, in any case and legal form, or None."""
        short = LEGAL_FORM_AT_END.sub("", name)
        spellings = (name, short, name.title(), short.title())
        return next(filter(None, map(self._names.owner, spellings)), None)

    def _sure_mentions(
        self, headline: str, body: str, sent_tickers: frozenset[str]
    ) -> tuple[_NamedCompanies, _NamedCompanies]:
        """Return the companies that the headline and the body name beyond doubt."""
        headline_low, body_low = lower(headline), lower(body)
        in_headline = self._mentions(headline, headline_low)
        in_body = self._mentions(body, body_low)

        # One clear mention makes a doubtful name clear in the whole article.
        confirmed = {self._owner(ticker) for ticker in sent_tickers}
        confirmed |= self._confirmed(headline, headline_low, in_headline)
        confirmed |= _listed_with(confirmed, headline, in_headline)
        confirmed |= self._confirmed(body, body_low, in_body)
        confirmed |= _listed_with(confirmed, body, in_body)

        sure_in_headline = [mention for mention in in_headline if mention.ticker in confirmed]
        sure_in_body = [mention for mention in in_body if mention.ticker in confirmed]
        return (headline, headline_low, sure_in_headline), (body, body_low, sure_in_body)

    def _mentions(self, text: str, low: str) -> list[Mention]:
        """Return names and written tickers in the order of the text, one where both are joined."""
        if not text:
            return []
        tickers = list(written_tickers(text, self._owner))
        names = [
            mention
            for mention in self._names.find(text, low)
            if not EVENT_OR_BUILDING_AFTER.match(text, mention.end)
            and not is_contradicted(
                NameInText(text, low, mention.start, mention.end), self._phrases
            )
            and not any(mention.overlaps(ticker) for ticker in tickers)
        ]

        mentions: list[Mention] = []
        for mention in sorted(names + tickers):
            if mentions and self._is_ticker_of(mentions[-1], mention, text):
                mentions[-1] = mentions[-1]._replace(end=mention.end, doubtful=False)
            else:
                mentions.append(mention)
        # A company's own ticker in round brackets confirms its name: "Meta (META)".
        return [
            mention._replace(doubtful=False)
            if text.startswith((f" ({mention.ticker})", f" ({mention.ticker}:"), mention.end)
            else mention
            for mention in mentions
        ]

    def _is_ticker_of(self, name: Mention, ticker: Mention, text: str) -> bool:
        """Return whether an unlisted ticker in brackets right after a listed company is its own.

        Companies change tickers, or trade under several: "Square (NYSE: SQ)" is listed as XYZ.
        """
        bracket = OPENING_BRACKET.match(text, name.end)
        is_next = bracket is not None and ticker.start <= bracket.end()
        listed = self._listed_tickers
        return is_next and name.ticker in listed and ticker.ticker not in listed

    def _confirmed(self, text: str, low: str, mentions: Iterable[Mention]) -> set[str]:
        """Return the tickers of mentions that are not doubtful, or not so in this context."""
        return {
            mention.ticker
            for mention in mentions
            if not mention.doubtful
            or means_company(NameInText(text, low, mention.start, mention.end), self._phrases)
        }

    def _owner(self, ticker: str) -> str | None:
        """Return the listed ticker of the company that ``ticker`` stands for, or None."""
        return ticker if ticker in self._listed_tickers else self._names.owner(ticker)


def listed_companies(settings: CompanySettings) -> list[ListedCompany]:
    """Return the companies of the user's list, if there is one, and of ours.

    Raises:
        BadTable: the user's list can't be used.
    """
    companies = table.read(settings.file) if settings.file else []
    return companies + (table.parse(builtin_csv(), "builtin.csv") if settings.builtin else [])


def _listed_with(confirmed: set[str | None], text: str, mentions: Sequence[Mention]) -> set[str]:
    """Return companies in one list with a confirmed one: "Apple, Target and Best Buy"."""
    lists: list[list[str]] = []
    end = 0
    for mention in mentions:
        if not lists or not _LIST_SEPARATOR.fullmatch(text[end : mention.start]):
            lists.append([])
        lists[-1].append(mention.ticker)
        end = mention.end
    return {ticker for tickers in lists if not confirmed.isdisjoint(tickers) for ticker in tickers}
