"""English headlines, told by their words alone: most news is English, and a look at it is cheap.

A word of ``english.txt`` counts by its kind. One that no other language has is enough, or two that
others borrow; names and words that several languages share are not, and a small word of another
language outweighs all that a headline has as a rule.
"""

import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Final, Literal

Kind = Literal["sure", "likely", "name", "small", "foreign"]
"""Kinds of words. The comments of ``english.txt`` say what each kind holds."""


def words_of_kind(kind: Kind) -> frozenset[str]:
    """Return the words of ``english.txt`` of one kind."""
    lines = (files("nlp.languages") / "english.txt").read_text("utf-8").splitlines()
    heads_and_words = (line.partition(": ") for line in lines)
    return frozenset(
        word for head, _, words in heads_and_words if head == kind for word in words.split()
    )


_SMALL: Final = words_of_kind("small")
_ENGLISH: Final = words_of_kind("sure") | words_of_kind("likely") | words_of_kind("name")
_MIN_WEIGHT: Final = 4
"""The sum of the weights from which a text is plainly English."""
_WEIGHTS: Final = (
    dict.fromkeys(words_of_kind("sure"), _MIN_WEIGHT)
    | dict.fromkeys(words_of_kind("likely"), 2)
    | dict.fromkeys(_SMALL, 1)
    | dict.fromkeys(words_of_kind("foreign"), -6)
)
_WEIGHED: Final = frozenset(_WEIGHTS)
_WORD: Final = re.compile(r"[^\W\d_]+(?:'t)?|(?<=\w)'s\b")
_MAX_NAME_WORDS: Final = 4
_PARTICLES: Final = frozenset(
    {"de", "du", "des", "la", "le", "les", "di", "da", "dei", "del", "della", "der", "den", "van"}
    | {"von", "et", "und", "och", "og", "of", "y", "e", "do", "dos", "en", "i", "ja", "för", "für"}
)
"""Words in lower case that stand in names of companies."""


def has_english(words: Iterable[str]) -> bool:
    """Return whether one of the words is English, and not a small word that others share."""
    return any(word.lower() in _ENGLISH for word in words)


def are_names(words: Sequence[str]) -> bool:
    """Return whether all words may belong to names, which are in no language.

    >>> are_names("UBS, Banco de Sabadell".split()), are_names("Acme fällt tief".split())
    (True, False)
    """
    if all(word.isupper() for word in words):  # a headline in capitals, unless it is short
        return len(words) <= _MAX_NAME_WORDS
    return not any(word[:1].islower() and word not in _PARTICLES for word in words)


def without_names(words: Sequence[str]) -> list[str]:
    """Return the words that can't belong to names: no capitals, and no particles between them.

    >>> without_names("Banca Monte dei Paschi di Siena sponsors chess".split())
    ['sponsors', 'chess']
    """
    are_capital = [any(map(str.isupper, word)) for word in words]
    others: list[str] = []
    in_name = False
    for index, word in enumerate(words):
        joins = in_name and word in _PARTICLES and any(are_capital[index + 1 : index + 3])
        in_name = are_capital[index] or joins
        if not in_name:
            others.append(word)
    return others


def is_plainly_english(text: str) -> bool:
    """Return whether the words between blanks say that a text is English. False says nothing.

    >>> is_plainly_english("Acme shares fall after warning"), is_plainly_english("Acme AG fällt")
    (True, False)
    """
    return _is_enough(text.lower().split())


def is_english_without_marks(text: str) -> bool:
    """Return the same of the words without the marks around them, which takes twice as long.

    >>> is_english_without_marks('"Acquired" (and closed)')
    True
    """
    return _is_enough(_WORD.findall(text.lower().replace("\u2019", "'")))


def _is_enough(words: list[str]) -> bool:
    weighed = _WEIGHED.intersection(words)
    return sum(map(_WEIGHTS.__getitem__, weighed)) >= _MIN_WEIGHT and not weighed <= _SMALL
