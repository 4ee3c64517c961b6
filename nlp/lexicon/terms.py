"""Words and phrases looked up in a text: the lexicon model's dictionary.

A word list is a text file of lines ``head: term, term, …``; ``#`` begins a comment. Terms are
single words or phrases, lower case, without punctuation, in their base form: inflections of every
word are recognised (``file for bankruptcy`` finds "filed for bankruptcy"), irregular ones if they
stand in ``irregular.txt``.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")

SHORTEST_INFLECTED = 3
_TOKEN = re.compile(r"(?:[a-z]&[a-z]|[a-z0-9])+(?:'t\b)?")


def read(name: str) -> Iterator[tuple[str, str]]:
    """The (head, term) pairs of the word list ``nlp/lexicon/words/<name>.txt``."""
    text = (files("nlp.lexicon") / "words" / f"{name}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            head, _, terms = line.partition(":")
            yield from ((head.strip(), term.strip()) for term in terms.split(","))


def tokens(text: str) -> list[str]:
    """Lower-case words and numbers; hyphens and possessives fall apart, ``won't`` does not.

    >>> tokens("Acme's full-year loss won't widen; S&P cuts rating")
    ['acme', 's', 'full', 'year', 'loss', "won't", 'widen', 's&p', 'cuts', 'rating']
    """
    return _TOKEN.findall(text.lower().replace("\u2019", "'"))


def inflections(word: str) -> Iterator[str]:
    """Regular English forms of a word, some of which do not exist: they are never met.

    >>> sorted(inflections("slip"))
    ['sliped', 'sliping', 'slipped', 'slipping', 'slips']
    """
    if len(word) < SHORTEST_INFLECTED or not word.isalpha():
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


class Found(NamedTuple, Generic[V]):
    """A term met in a text, at tokens ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    value: V


class Terms(Generic[V]):
    """Longest-match index of terms. Where a term is given twice the first value counts."""

    def __init__(self, entries: Iterable[tuple[str, V]]) -> None:
        split = [(term.split(), value) for term, value in entries]
        self._lemma = _lemmas(word for words, _ in split for word in words)
        self._by_first: dict[str, list[tuple[list[str], V]]] = {}
        for words, value in split:
            self._by_first.setdefault(words[0], []).append((words, value))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))

    def find(self, words: list[str]) -> list[Found[V]]:
        """The terms in a text's tokens, from left to right, none overlapping another."""
        lemma = self._lemma
        lemmas = [lemma.get(word, "") for word in words]
        found, free = [], 0
        for start, first in enumerate(lemmas):
            if first and start >= free and (match := self._longest(lemmas, start)):
                found.append(match)
                free = match.end
        return found

    def _longest(self, lemmas: list[str], start: int) -> Found[V] | None:
        for words, value in self._by_first.get(lemmas[start], ()):
            end = start + len(words)
            if len(words) == 1 or lemmas[start:end] == words:
                return Found(start, end, value)
        return None


def _lemmas(vocabulary: Iterable[str]) -> dict[str, str]:
    # A listed word is itself even where it is also another's inflection ("rating", "rate").
    listed = dict.fromkeys(vocabulary)
    forms = {word: word for word in listed}
    irregular = [(form, word) for word, form in read("irregular")]
    regular = [(form, word) for word in listed for form in inflections(word)]
    for form, word in irregular + regular:
        if word in listed:
            forms.setdefault(form, word)
    return forms
