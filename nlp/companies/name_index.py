"""Search for all companies' names in one pass over a text (Aho and Corasick 1975)."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from nlp.companies.company_list import ListedCompany, Name
from nlp.companies.folding import lower, plain

_MIN_FLEXIBLE_LETTERS: Final = 3
"""Names of at least so many letters are also found in capitals or with other small letters."""
_JOINING_SIGNS: Final = "&'"


class Mention(NamedTuple):
    """A company named in a text, at characters ``start`` to ``end`` (exclusive).

    ``doubtful`` is True until the surroundings confirm that the name means the company.
    """

    start: int
    end: int
    ticker: str
    doubtful: bool = False

    def overlaps(self, other: "Mention") -> bool:
        """Return whether both mentions share a character."""
        return self.start < other.end and other.start < self.end


class _Entry(NamedTuple):
    """One spelling of a name. ``ticker`` is empty if the name is no company's."""

    text: str
    ticker: str
    doubtful: bool


class NameIndex:
    """Finds companies by name. If two companies share a name, the first one owns it.

    A name is doubtful if its list marks it so or if it is one of ``doubtful_names``, which are in
    lower case. ``names_of_other_things`` are no companies; they hide the names inside them.
    """

    def __init__(
        self,
        companies: Iterable[ListedCompany],
        doubtful_names: Iterable[str] = (),
        names_of_other_things: Iterable[str] = (),
    ) -> None:
        self._entries = _entries(companies, frozenset(doubtful_names), names_of_other_things)
        self._patterns = list(self._entries)
        self._automaton = (
            AhoCorasick(self._patterns, matchkind=MatchKind.LeftmostLongest, store_patterns=False)
            if self._patterns
            else None
        )

    def owner(self, name: str) -> str | None:
        """Return the ticker of the company with exactly this name, or None."""
        entries = self._entries.get(lower(plain(name)), ())
        return next((entry.ticker for entry in entries if entry.text == name), None) or None

    def find(self, text: str, low: str) -> list[Mention]:
        """Return the names in a `plain` text, given with its `lower` form ``low``.

        Only whole words in the right case count. Of names that overlap, the one that begins first
        counts, and of those the longest.
        """
        if self._automaton is None:
            return []

        mentions: list[Mention] = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(low):
            if not is_whole_word(text, start, end):
                continue
            candidates = self._entries[self._patterns[pattern]]
            fitting = (entry for entry in candidates if _fits_case(entry.text, text[start:end]))
            entry = next(fitting, None)
            if entry and entry.ticker:
                mentions.append(Mention(start, end, entry.ticker, entry.doubtful))
        return mentions


def is_whole_word(text: str, start: int, end: int) -> bool:
    """Return whether characters ``start`` to ``end`` are not a part of a longer word.

    >>> text = "R&D in Intel's intelligence"
    >>> [is_whole_word(text, *span) for span in ((2, 3), (7, 12), (15, 20))]
    [False, True, False]
    """
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if _continues_word(before[::-1]):
        return False

    is_possessive = after in {"'s", "'S"} and not text[end + 2 : end + 3].isalnum()
    return is_possessive or not _continues_word(after)


def _continues_word(neighbours: str) -> bool:
    """Return whether a name's two ``neighbours`` on one side, nearest first, belong to its word."""
    if not neighbours:
        return False
    if neighbours[0].isalnum() or neighbours[0] == "_":
        return True
    return neighbours[0] in _JOINING_SIGNS and neighbours[1:2].isalnum()


def _fits_case(name: str, match: str) -> bool:
    """Return whether ``match`` writes ``name`` with the capitals that a company's name needs.

    A name in capitals must be in capitals. Any other may be written in capitals as a whole, or
    with the initials of its words in capitals, unless it is very short.
    """
    if match == name:
        return True
    if name.upper() == name or len(name) < _MIN_FLEXIBLE_LETTERS:
        return False
    if match == match.upper():
        return True

    initials = [
        index
        for index, letter in enumerate(name)
        if letter.isupper() and (index == 0 or not name[index - 1].isalpha())
    ]
    return all(match[index].isupper() for index in initials)


def _entries(
    companies: Iterable[ListedCompany],
    doubtful_names: frozenset[str],
    names_of_other_things: Iterable[str],
) -> dict[str, list[_Entry]]:
    """Return the spellings of each name, by the name in lower case; the first owner is kept."""
    owners = [(company.ticker, name) for company in companies for name in company.names]
    owners += [("", Name(name)) for name in names_of_other_things]

    entries: dict[str, list[_Entry]] = {}
    for ticker, name in owners:
        text = plain(name.text)
        spellings = entries.setdefault(lower(text), [])
        if any(entry.text == text for entry in spellings):
            continue
        doubtful = name.doubtful or (bool(ticker) and lower(text) in doubtful_names)
        spellings.append(_Entry(text, ticker, doubtful))
    return entries
