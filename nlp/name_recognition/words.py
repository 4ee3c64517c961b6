"""The words of a headline, and what each shows of whether it is part of a company's name."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple
from zlib import crc32

from nlp.companies.disambiguation import is_title_case

BUCKETS: Final = 1 << 16
"""Hash values of a feature (Weinberger et al., "Feature hashing", 2009)."""
FEATURES: Final = 14
"""Features of a word."""
_WORD: Final = re.compile(r"[^\W_]+(?:[.&'\u2019][^\W_]+)*|[^\w\s]")
_POSSESSIVE: Final = ("'s", "\u2019s")
_SENTENCE_ENDS: Final = ".:;?!"
_BEGIN, _END = ["<<", "<"], [">", ">>"]
_LONGEST_RUN: Final = 3


class Word(NamedTuple):
    """A word or sign at characters ``start`` to ``end`` (exclusive) of a text."""

    text: str
    start: int
    end: int

    @property
    def shape(self) -> str:
        """Return what kind of word it is: 0, A, U, C, m or l; signs stand for themselves.

        The kinds are a number, several capitals, one capital letter, a capitalised word, a
        capital within the word, and a word in lower case.
        """
        first = self.text[0]
        if first.isdigit():
            return "0"
        if not first.isalpha():
            return first
        if self.text.isupper():
            return "A" if len(self.text) > 1 else "U"
        if first.isupper():
            return "C"
        return "m" if any(map(str.isupper, self.text)) else "l"

    @property
    def may_be_name(self) -> bool:
        """Return whether the word has a capital, as names have."""
        return self.text[0].isalpha() and any(map(str.isupper, self.text))


def words(text: str) -> list[Word]:
    """Return the words and signs of a text; a possessive 's stands by itself.

    >>> [word.text for word in words("Acme-Orbit's R&D unit")]
    ['Acme', '-', 'Orbit', "'s", 'R&D', 'unit']
    """
    parts: list[Word] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if match[0].endswith(_POSSESSIVE):
            parts.append(Word(match[0][:-2], start, end - 2))
            start = end - 2
        parts.append(Word(text[start:end], start, end))
    return [word for word in parts if word.text]


def bucket(feature: str, buckets: int = BUCKETS) -> int:
    """Return the hash value of a feature or a word."""
    return crc32(feature.encode()) % buckets


def features(text: str, parts: Sequence[Word]) -> Iterator[tuple[int, list[int]]]:
    """Yield each word that may be a name, as its index in ``parts`` and its hashed features.

    They are its neighbours, the shapes around it, and what stands around the capitalised words
    that it is one of, but not the word itself.
    """
    low = [*_BEGIN, *(word.text.lower() for word in parts), *_END]
    shapes = [*_BEGIN, *(word.shape for word in parts), *_END]
    capitals = [False, False, *(word.may_be_name for word in parts), False, False]
    case = "T" if is_title_case(text) else "s"
    for begin, end in _runs(capitals):
        before, after = low[begin - 1], low[end]
        for at in range(begin, end):
            shape, last = shapes[at], shapes[at - 1]
            place = "F" if at == len(_BEGIN) or last in _SENTENCE_ENDS else "n"
            around = f"{shapes[at - 2]}{last}{shape}{shapes[at + 1]}{shapes[at + 2]}"
            signs = (
                *(f"s{shape}{place}{case}", f"p{low[at - 1]}", f"n{low[at + 1]}"),
                *(f"q{low[at - 2]}", f"m{low[at + 2]}"),
                *(f"P{low[at - 1]} {shape}", f"N{low[at + 1]} {shape}"),
                *(f"c{around[1:-1]}{case}", f"C{around}{case}{place}"),
                *(f"B{low[at + 1]} {low[at + 2]}", f"A{low[at - 2]} {low[at - 1]}"),
                *(f"l{before} {shape}{place}", f"r{after} {shape}{place}"),
                f"R{after} {place}{case}{min(at - begin, _LONGEST_RUN)}",
            )
            yield at - len(_BEGIN), [bucket(sign) for sign in signs]


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each run of flags that are set.

    >>> list(_runs([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    position = 0
    for flag, members in groupby(flags):
        begin, position = position, position + len(list(members))
        if flag:
            yield begin, position
