"""Lookup of words and phrases in a text: the lexicon model's dictionary.

A word list is a text file of lines ``head: term, term, …``; ``#`` begins a comment. Terms are
single words or phrases, lower case, without punctuation, in their base form: inflections of every
word are recognised (``file for bankruptcy`` finds "filed for bankruptcy"), irregular ones only if
``irregular.txt`` lists them.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Final, Generic, NamedTuple, TypeVar

V = TypeVar("V")

MIN_INFLECTED_LETTERS: Final = 3
"""Shorter words, such as "up", are listed in the one form in which they occur."""
_TOKEN: Final = re.compile(r"(?:[a-z]&[a-z]|[a-z0-9])+(?:'t\b)?")


def read(name: str) -> Iterator[tuple[str, str]]:
    """Yield the (head, term) pairs of the word list ``nlp/lexicon/words/<name>.txt``."""
    for line in read_lines(name):
        head, _, terms = line.partition(":")
        yield from ((head.strip(), term.strip()) for term in terms.split(","))


def read_lines(name: str) -> list[str]:
    """Return the lines of ``nlp/lexicon/words/<name>.txt`` that are no comments."""
    text = (files("nlp.lexicon") / "words" / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def tokens(text: str) -> list[str]:
    """Return lower-case words and numbers; hyphens and possessives are split, ``won't`` is not.

    >>> tokens("Acme's full-year loss won't widen; S&P cuts rating")
    ['acme', 's', 'full', 'year', 'loss', "won't", 'widen', 's&p', 'cuts', 'rating']
    """
    return _TOKEN.findall(text.lower().replace("\u2019", "'"))


def inflections(word: str) -> Iterator[str]:
    """Yield the regular English forms of a word; some do not exist, and do no harm.

    >>> sorted(inflections("slip"))
    ['sliped', 'sliping', 'slipped', 'slipping', 'slips']
    """
    if len(word) < MIN_INFLECTED_LETTERS or not word.isalpha():
        return
    if word.endswith("e"):
        yield from (word + "s", word + "d", word[:-1] + "ing")
    elif word.endswith("y") and word[-2] not in "aeiou":
        yield from (word[:-1] + "ies", word[:-1] + "ied", word + "ing")
    else:
        yield word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")
        yield from (word + "ed", word + "ing")
        if word[-2] in "aeiou" and word[-1] not in "aeiouwxy":
            yield from (word + word[-1] + "ed", word + word[-1] + "ing")


class Match(NamedTuple, Generic[V]):
    """A term found in a text, at tokens ``start`` to ``end`` (exclusive), with its value."""

    start: int
    end: int
    value: V


class TermIndex(Generic[V]):
    """Index of terms by longest match. If a term is listed twice, its first value counts."""

    def __init__(self, entries: Iterable[tuple[str, V]]) -> None:
        terms = [(term.split(), value) for term, value in entries]
        self._lemmas = _lemmas(word for words, _ in terms for word in words)
        self._by_first_word: dict[str, list[tuple[list[str], V]]] = {}
        for words, value in terms:
            self._by_first_word.setdefault(words[0], []).append((words, value))
        for candidates in self._by_first_word.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))

    def find(self, words: list[str]) -> list[Match[V]]:
        """Return the terms in a text's tokens, from left to right, none overlapping another."""
        lemma = self._lemmas.get
        lemmas = [lemma(word, "") for word in words]
        matches: list[Match[V]] = []
        next_free = 0
        for start, first in enumerate(lemmas):
            if not first or start < next_free:
                continue
            for term, value in self._by_first_word.get(first, ()):  # longest first
                end = start + len(term)
                if len(term) == 1 or lemmas[start:end] == term:
                    matches.append(Match(start, end, value))
                    next_free = end
                    break
        return matches


def _lemmas(vocabulary: Iterable[str]) -> dict[str, str]:
    """Return the listed word for each of its forms.

    A listed word is its own lemma even if it is also an inflection of another: "rating", "rate".
    """
    listed = dict.fromkeys(vocabulary)
    irregular = [(form, word) for word, form in read("irregular")]
    regular = [(form, word) for word in listed for form in inflections(word)]

    lemmas = {word: word for word in listed}
    for form, word in irregular + regular:
        if word in listed:
            lemmas.setdefault(form, word)
    return lemmas
