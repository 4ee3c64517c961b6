"""The companies that a text is about."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, Self

from nlp.companies import table
from nlp.companies.company_list import Known, builtin, others
from nlp.companies.cue_words import NOT_IT
from nlp.companies.disambiguation import Place, means_company, phrases, speaks_against
from nlp.companies.folding import lower, plain
from nlp.companies.name_index import Mention, Names
from nlp.companies.relevance import AGAIN, BYSTANDER, in_body, in_headline
from nlp.companies.settings import CompanySettings
from nlp.companies.tickers import codes

MAX_CHARS: Final = 20_000
"""Of a body; what comes after is not looked at."""
MOST: Final = 32
"""Each company makes a signal, so of a list of hundreds only the most relevant count."""
LEAST: Final = 0.01
_LISTED: Final = re.compile(r"(?:'s)?(?:, | and |, and | & |/)")
_OPENING: Final = re.compile(r" ?[(<]")


class Company(NamedTuple):
    """A company that a text is about, in (0, 1]: 1 is its subject, 0.2 a by-stander."""

    ticker: str
    relevance: float


class CompanyFinder:
    """Finds companies by name and by ticker. Pure: the same text always has the same ones.

    Of two lists that have a name in common the first wins.
    """

    def __init__(self, known: Iterable[Known] = (), floor: float = 0.0) -> None:
        listed = list(known)
        self._phrases = phrases()
        doubtful = [name for name, said in self._phrases.items() if said.own]
        self._names = Names(listed, doubtful, others())
        self._tickers = {company.ticker for company in listed}
        self._floor = floor

    @classmethod
    def load(cls, settings: CompanySettings) -> Self | None:
        """The finder that the settings describe; None where none is wanted.

        Raises:
            BadTable: the user's list can't be used.
        """
        if not settings.find:
            return None
        known = table.read(settings.file) if settings.file else []
        known += table.parse(builtin(), "builtin.csv") if settings.builtin else []
        return cls(known, settings.floor)

    def find(self, headline: str, body: str = "", given: Sequence[str] = ()) -> list[Company]:
        """The companies that ``given`` names, in that order, then those found, most relevant first.

        Those given are always there, with the relevance that the text tells, or 1 where it does
        not name them.

        >>> companies = CompanyFinder.load(CompanySettings(floor=0))
        >>> companies.find("Ford to recall pickups, says analyst at Goldman Sachs", given=["ACME"])
        [Company(ticker='ACME', relevance=1.0), Company(ticker='F', relevance=1.0), \
Company(ticker='GS', relevance=0.15)]
        """
        told = self._told(plain(headline), plain(body[:MAX_CHARS]), frozenset(given))
        first = [Company(it, told.pop(self._owner(it) or it, 1.0)) for it in dict.fromkeys(given)]
        taken = {self._owner(company.ticker) for company in first}
        found = (Company(*it) for it in told.items() if it[1] >= self._floor and it[0] not in taken)
        return first + sorted(found, key=lambda company: -company.relevance)[:MOST]

    def _told(self, headline: str, body: str, given: frozenset[str]) -> dict[str, float]:
        texts = [(text, lower(text)) for text in (headline, body)]
        mentions = [self._mentions(*text) for text in texts]
        sure = {self._owner(ticker) for ticker in given}
        for text, found in zip(texts, mentions, strict=True):
            sure |= {it.ticker for it in found if not it.doubtful or self._means(it, *text)}
            sure |= _listed(text[0], found, sure)
        above, below = ([it for it in found if it.ticker in sure] for found in mentions)
        return _together(in_headline(*texts[0], above), in_body(*texts[1], below))

    def _mentions(self, text: str, low: str) -> list[Mention]:
        """Names and codes in their order, each company's code together with its name."""
        named = [it for it in self._names.find(text, low) if self._may_be(it, text, low)]
        coded = list(codes(text, self._owner))
        free = [it for it in named if not any(_overlap(it, code) for code in coded)]
        return list(self._joined(sorted(free + coded), text))

    def _joined(self, mentions: Iterable[Mention], text: str) -> Iterator[Mention]:
        """Sure of a name that its ticker follows; one that we do not know is taken for its own."""
        last: Mention | None = None
        for mention in mentions:
            if last and self._is_its_code(mention, last, text):
                last = last._replace(end=mention.end, doubtful=False)
                continue
            if last:
                yield _confirmed(last, text)
            last = mention
        if last:
            yield _confirmed(last, text)

    def _is_its_code(self, code: Mention, name: Mention, text: str) -> bool:
        opened = _OPENING.match(text, name.end)
        is_next = opened is not None and code.start <= opened.end()
        return is_next and name.ticker in self._tickers and code.ticker not in self._tickers

    def _may_be(self, it: Mention, text: str, low: str) -> bool:
        place = Place(text, low, it.start, it.end)
        return not (NOT_IT.match(text, it.end) or speaks_against(place, self._phrases))

    def _means(self, mention: Mention, text: str, low: str) -> bool:
        return means_company(Place(text, low, mention.start, mention.end), self._phrases)

    def _owner(self, ticker: str) -> str | None:
        return ticker if ticker in self._tickers else self._names.owner(ticker)


def _confirmed(mention: Mention, text: str) -> Mention:
    own = text.startswith((f" ({mention.ticker})", f" ({mention.ticker}:"), mention.end)
    return mention._replace(doubtful=False) if own else mention


def _listed(text: str, mentions: Sequence[Mention], sure: set[str | None]) -> set[str]:
    """Doubtful names in one list with others that are not: "Apple, Target and Best Buy"."""
    runs: list[list[str]] = [[]]
    for before, after in pairwise([*mentions[:1], *mentions]):
        if not _LISTED.fullmatch(text[before.end : after.start]):
            runs.append([])
        runs[-1].append(after.ticker)
    return {ticker for run in runs if not sure.isdisjoint(run) for ticker in run}


def _overlap(one: Mention, other: Mention) -> bool:
    return one.start < other.end and other.start < one.end


def _together(headline: dict[str, float], body: dict[str, float]) -> dict[str, float]:
    """A headline counts; what follows it adds little to its companies, and few of its own."""
    told = dict(headline)
    for ticker, weight in body.items():
        if ticker in headline:
            told[ticker] += AGAIN / 2 if weight > BYSTANDER else 0.0
        else:
            told[ticker] = weight
    return {ticker: round(min(max(it, LEAST), 1.0), 3) for ticker, it in told.items()}
