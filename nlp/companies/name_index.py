"""Names of companies found in a text, all in one pass over it (Aho and Corasick 1975)."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from nlp.companies.company_list import Known, Name
from nlp.companies.folding import lower, plain

_LEAST_SHOUTED: Final = 3
_JOINS: Final = "&'"


class Mention(NamedTuple):
    """A place where a text names a company, by characters; ``doubtful`` until it is looked at."""

    start: int
    end: int
    ticker: str
    doubtful: bool = False


class _Entry(NamedTuple):
    text: str
    ticker: str
    doubtful: bool


class Names:
    """An index of names. Of two companies that share one, the first given has it.

    Doubtful are names that are ``words`` and names that their list marks. ``others`` are no
    companies' names, and hide those that are a part of them.
    """

    def __init__(
        self, companies: Iterable[Known], words: Iterable[str] = (), others: Iterable[str] = ()
    ) -> None:
        self._entries = _index(companies, frozenset(words))
        for name in others:
            _add(self._entries, "", Name(name), frozenset())
        self._patterns = list(self._entries)
        self._automaton = (
            AhoCorasick(self._patterns, matchkind=MatchKind.LeftmostLongest, store_patterns=False)
            if self._patterns
            else None
        )

    def owner(self, name: str) -> str | None:
        """The ticker of the company that is called exactly so."""
        entries = self._entries.get(lower(plain(name)), ())
        return next((entry.ticker for entry in entries if entry.text == name), None) or None

    def find(self, text: str, low: str) -> list[Mention]:
        """Names in a text that `plain` made, with its `lower` form: whole words in the right case.

        Where names overlap, the longest of those that begin first counts.
        """
        if self._automaton is None:
            return []
        return list(self._found(text, self._automaton.find_matches_as_indexes(low)))

    def _found(self, text: str, matches: Iterable[tuple[int, int, int]]) -> Iterator[Mention]:
        for pattern, start, end in matches:
            if not is_whole(text, start, end):
                continue
            for entry in self._entries[self._patterns[pattern]]:
                if _fits(entry.text, text[start:end]):
                    if entry.ticker:
                        yield Mention(start, end, entry.ticker, entry.doubtful)
                    break


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on before ``start`` or after ``end``.

    >>> [is_whole("R&D in Intel's intelligence", *span) for span in ((2, 3), (7, 12), (15, 20))]
    [False, True, False]
    """
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return not (_is_inner(before[::-1]) or (_is_inner(after) and not _is_possessive(text, end)))


def _is_inner(signs: str) -> bool:
    if not signs:
        return False
    if signs[0].isalnum() or signs[0] == "_":
        return True
    return signs[0] in _JOINS and signs[1:2].isalnum()


def _is_possessive(text: str, end: int) -> bool:
    tail = text[end : end + 3]
    return tail[:2] in {"'s", "'S"} and not tail[2:].isalnum()


def _fits(name: str, found: str) -> bool:
    """Capitals of a name are capitals in a text; a name in capitals is never in small letters."""
    if found == name:
        return True
    if name.upper() == name:
        return False
    if len(name) >= _LEAST_SHOUTED and found == found.upper():
        return True
    initials = (at for at, sign in enumerate(name) if sign.isupper() and _begins(name, at))
    return len(name) >= _LEAST_SHOUTED and all(found[at].isupper() for at in initials)


def _begins(name: str, at: int) -> bool:
    return at == 0 or not name[at - 1].isalpha()


def _index(companies: Iterable[Known], words: frozenset[str]) -> dict[str, list[_Entry]]:
    index: dict[str, list[_Entry]] = {}
    for company in companies:
        for name in company.names:
            _add(index, company.ticker, name, words)
    return index


def _add(index: dict[str, list[_Entry]], ticker: str, name: Name, words: frozenset[str]) -> None:
    text = plain(name.text)
    entries = index.setdefault(lower(text), [])
    if not any(entry.text == text for entry in entries):
        entries.append(_Entry(text, ticker, name.doubtful or lower(text) in words))
