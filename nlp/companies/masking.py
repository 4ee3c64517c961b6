"""Masking of company names, so that a model's answer does not depend on whom a text is about.

Only the built-in list counts: with a list of the user's own, one model would have many answers.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple, Self

from nlp.companies import table
from nlp.companies.company_list import (
    MIN_TICKER_LETTERS,
    ListedCompany,
    NameReading,
    builtin_csv,
)
from nlp.companies.finder import CompanyFinder
from nlp.companies.folding import lower, plain
from nlp.companies.name_index import Mention, is_whole_word
from nlp.name_recognition.recogniser import NameRecogniser

PLACEHOLDERS: Final = tuple(f"Company {letter}" for letter in "ABCDEFGH")
"""Names of the companies of a text, in its order. Further companies all have the last one."""


class Replacement(NamedTuple):
    """A name at ``start`` to ``end`` (exclusive) of the new text, and where the old one stood."""

    start: int
    end: int
    old_start: int
    old_end: int


class RenamedText(NamedTuple):
    """A text with other names.

    Attributes:
        text: with the new names.
        subject: the new name of the subject; the old one if the text does not name it.
        replacements: the names, in the order of the text.
    """

    text: str
    subject: str = ""
    replacements: tuple[Replacement, ...] = ()

    def old_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where characters ``start`` to ``end`` stand in the old text.

        Characters that begin in a new name stand for the whole old one, and none for none.
        """
        if start == end:
            return start, end
        shift = 0
        for new in self.replacements:
            if start < new.start:
                break
            if start < new.end:
                return new.old_start, new.old_end
            shift = new.old_end - new.end
        return start + shift, end + shift


class NamesInText(NamedTuple):
    """The companies that a text names.

    Attributes:
        text: with single spaces, if it names any.
        mentions: where the names stand, in the order of the text; none overlap.
        subject: the company that the text is asked about, as ``ticker`` of its mentions; empty if
            the text does not name it.
    """

    text: str
    mentions: Sequence[Mention]
    subject: str = ""

    @property
    def companies(self) -> list[str]:
        """The companies, each once, in the order of the text."""
        return list(dict.fromkeys(mention.ticker for mention in self.mentions))

    def renamed(self, names: Sequence[str], subject: str = "") -> RenamedText:
        """Return the text with ``names`` for its companies, in order; the last one for the rest."""
        if not self.mentions:
            return RenamedText(self.text, subject)
        new_names = {
            company: names[min(index, len(names) - 1)]
            for index, company in enumerate(self.companies)
        }
        parts: list[str] = []
        replacements: list[Replacement] = []
        length = old_end = 0
        for mention in self.mentions:
            between, name = self.text[old_end : mention.start], new_names[mention.ticker]
            start = length + len(between)
            length, old_end = start + len(name), mention.end
            parts += (between, name)
            replacements.append(Replacement(start, length, mention.start, mention.end))
        text = "".join([*parts, self.text[old_end:]])
        return RenamedText(text, new_names.get(self.subject, subject), tuple(replacements))


class NameMasking:
    """Finds the names of companies in texts, and puts placeholders in their place."""

    def __init__(
        self, companies: Iterable[ListedCompany], recogniser: NameRecogniser | None = None
    ) -> None:
        """Find the names of ``companies``, but not the tickers that double as names, such as AAPL.

        They can't be told from a ticker after a dollar sign, which `nlp.normalise` removes. With a
        ``recogniser``, find the names that it sees, too.
        """
        self._finder = CompanyFinder(map(_without_ticker, companies))
        self._recogniser = recogniser

    @classmethod
    @cache
    def builtin(cls, *, unlisted: bool = False) -> Self:
        """Return the masking of the built-in list's companies, or of ``unlisted`` ones, too."""
        recogniser = NameRecogniser.builtin() if unlisted else None
        return cls(table.parse(builtin_csv(), "builtin.csv"), recogniser)

    @classmethod
    def of(cls, names: NameReading) -> Self | None:
        """Return what masks the names for a model that reads them so; None if nothing does."""
        return None if names == "as written" else cls.builtin(unlisted=names == "all masked")

    def mask(self, text: str, subject: str = "") -> RenamedText:
        """Return a text with a placeholder for each company that it names.

        The text's subject is masked whether it is listed or not.

        >>> masking = NameMasking.builtin()
        >>> masking.mask("Ford's sales beat Boeing's; Ford rises").text
        "Company A's sales beat Company B's; Company A rises"
        >>> masking.mask("Acme falls as Boeing gains", "Acme")[:2]
        ('Company A falls as Company B gains', 'Company A')
        """
        return self.names(text, subject).renamed(PLACEHOLDERS, subject)

    def mask_all(
        self, texts: Sequence[str], subjects: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        """Return texts, and their subjects if there are any, with placeholders."""
        masked = list(map(self.mask, texts, subjects) if subjects else map(self.mask, texts))
        return [new.text for new in masked], [new.subject for new in masked if subjects]

    def names(self, text: str, subject: str = "") -> NamesInText:
        """Return the names of companies in a text that would be masked, and those of its subject.

        An unlisted company is its name in lower case.
        """
        mentions = self._finder.sure_names(text, subject)
        if not (mentions or subject or self._recogniser):
            return NamesInText(text, mentions)
        text = " ".join(text.split())
        mentions = sorted([*mentions, *self._unlisted(text, mentions)])
        if not subject:
            return NamesInText(text, mentions)
        owner = self._finder.named(subject)
        own = list(_occurrences(plain(text), plain(subject)))
        if any(mention.ticker == owner for mention in mentions):
            company = owner or ""
        else:  # a part of a longer name, such as Rover of Land Rover, or a company in no list
            around = (name.ticker for name in mentions if any(map(name.overlaps, own)))
            company = next(around, subject if own else "")
        named = [occurrence._replace(ticker=company) for occurrence in own]
        return NamesInText(text, _joined(sorted([*mentions, *named])), company)

    def _unlisted(self, text: str, listed: Sequence[Mention]) -> Iterator[Mention]:
        """Yield the names that are recognised beside those of listed companies."""
        for start, end in self._recogniser.names(text) if self._recogniser else ():
            name = Mention(start, end, lower(text[start:end]))
            if not any(map(name.overlaps, listed)):
                yield name


def _without_ticker(company: ListedCompany) -> ListedCompany:
    first, *others = company.names
    if len(company.ticker) < MIN_TICKER_LETTERS:
        return company  # GM is in the list as a name
    names = (first, *(name for name in others if name.text != company.ticker))
    return company._replace(names=names)


def _occurrences(text: str, name: str) -> Iterator[Mention]:
    """Yield the places of a name in a `plain` text; in any case if none is in that of the name."""
    for writing, pattern in ((text, name), (lower(text), lower(name))):
        spans = [match.span() for match in re.finditer(re.escape(pattern), writing)]
        whole = [Mention(*span, "") for span in spans if is_whole_word(text, *span)]
        if whole:
            yield from whole
            return


def _joined(mentions: Iterable[Mention]) -> list[Mention]:
    """Return mentions, sorted, with one in the place of those that overlap: of the first company.

    >>> _joined([Mention(0, 5, "AAPL"), Mention(0, 9, "AAPL"), Mention(12, 16, "F")])
    [Mention(start=0, end=9, ticker='AAPL', doubtful=False), \
Mention(start=12, end=16, ticker='F', doubtful=False)]
    """
    joined: list[Mention] = []
    for mention in mentions:
        if joined and joined[-1].overlaps(mention):
            joined[-1] = joined[-1]._replace(end=max(joined[-1].end, mention.end))
        else:
            joined.append(mention)
    return joined
