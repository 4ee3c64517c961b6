"""Words as a reader sees them, and values of a model's tokens added up to these words."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_IDEOGRAPH: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Chinese has no spaces; the tokenizer of BERT, too, makes each of its characters a word.
_WORD: Final = re.compile(rf"[{_IDEOGRAPH}]|[^\s{_IDEOGRAPH}]+")


class Span(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of a text."""

    start: int
    end: int


def word_spans(text: str) -> list[Span]:
    """Return the position of each word of ``text``, split at spaces, with its punctuation.

    >>> word_spans("Profit falls, 利润")
    [Span(start=0, end=6), Span(start=7, end=13), Span(start=14, end=15), Span(start=15, end=16)]
    """
    return [Span(*match.span()) for match in _WORD.finditer(text)]


def sum_by_word(
    text: str, tokens: Sequence[Span], values: Sequence[float]
) -> tuple[tuple[str, float], ...]:
    """Return the words of ``text`` up to the last token, each with the sum of its tokens' values.

    A token belongs to the word in which it begins; an empty token belongs to none.

    >>> sum_by_word("Slumps, again", [Span(0, 4), Span(4, 6), Span(6, 7)], [0.5, 0.25, 0.125])
    (('Slumps,', 0.875),)
    """
    words = word_spans(text[: max((token.end for token in tokens), default=0)])
    sums = [0.0] * len(words)
    index = 0
    for token, value in sorted(zip(tokens, values, strict=True)):
        while index < len(words) and words[index].end <= token.start:
            index += 1
        if token.end > token.start and index < len(words):
            sums[index] += value
    return tuple((text[s:e], total) for (s, e), total in zip(words, sums, strict=True))
