"""Texts as the words that a reader sees, and numbers of a model's pieces added up to them."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_IDEOGRAPH: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Chinese has no spaces; the tokenizer of BERT takes each of its characters for a word, too.
_WORD: Final = re.compile(rf"[{_IDEOGRAPH}]|[^\s{_IDEOGRAPH}]+")


class Span(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of a text."""

    start: int
    end: int


def spans(text: str) -> list[Span]:
    """Where the words of ``text`` are: what is between spaces, with its punctuation.

    >>> spans("Profit falls, 利润")
    [Span(start=0, end=6), Span(start=7, end=13), Span(start=14, end=15), Span(start=15, end=16)]
    """
    return [Span(*match.span()) for match in _WORD.finditer(text)]


def merged(
    text: str, pieces: Sequence[Span], values: Sequence[float]
) -> tuple[tuple[str, float], ...]:
    """The words of ``text`` up to the last piece, each with the values of its pieces added up.

    A piece belongs to the word that it begins in; pieces without characters to none.

    >>> merged("Slumps, again", [Span(0, 4), Span(4, 6), Span(6, 7)], [0.5, 0.25, 0.125])
    (('Slumps,', 0.875),)
    """
    words = spans(text[: max((piece.end for piece in pieces), default=0)])
    sums = [0.0] * len(words)
    place = 0
    for piece, value in sorted(zip(pieces, values, strict=True)):
        while place < len(words) and words[place].end <= piece.start:
            place += 1
        if piece.end > piece.start and place < len(words):
            sums[place] += value
    return tuple((text[s:e], total) for (s, e), total in zip(words, sums, strict=True))
