"""Decision whether a name that may mean something else means the company, from its surroundings."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final, NamedTuple

from nlp.companies.cue_words import (
    LEGAL_FORM_AFTER,
    business_words,
    cue_words,
    words_after_company,
)
from nlp.companies.folding import lower

MIN_POINTS: Final = 2
"""One sign that belongs to the name itself is enough; one business word near it is not."""
_SIGN_POINTS: Final = 2
_MAX_BUSINESS_WORD_POINTS: Final = 2
_REACH_CHARS: Final = 90
"""Characters before and after a name that count as near: a headline, or a sentence."""
_HYPHENATED_NAME: Final = re.compile(r"-[A-Z]")  # a double-barrelled name: Chase-Riboud
_WORD: Final = re.compile(r"[^\W_][\w&.'-]*")
_MAX_INITIALS: Final = 3
"""Longer words in capitals are names; US, EU and CEO are not."""
_MIN_TITLE_SHARE: Final = 0.7
"""Share of longer words with a capital from which a text is written in title case."""
_MIN_TITLE_LETTERS: Final = 4


class ContextPhrases(NamedTuple):
    """Phrases that, near one doubtful name, support or oppose that it means the company."""

    supporting: re.Pattern[str] | None
    opposing: re.Pattern[str] | None


_NO_PHRASES: Final = ContextPhrases(None, None)


class NameInText(NamedTuple):
    """A name at characters ``start`` to ``end`` of ``text``; ``low`` is the text in lower case."""

    text: str
    low: str
    start: int
    end: int

    @property
    def surroundings(self) -> str:
        """The name with the text near it, in lower case."""
        return self.low[max(0, self.start - _REACH_CHARS) : self.end + _REACH_CHARS]

    @property
    def neighbours(self) -> tuple[str, str]:
        """The words right before and right after the name, empty where there is none."""
        preceding = re.search(r"([^\W_][\w&.-]*) $", self.text[: self.start])
        tail = self.text[self.end : self.end + _REACH_CHARS].removeprefix("'s")
        following = re.match(r" ([^\W_][\w&-]*)", tail)
        return preceding[1] if preceding else "", following[1] if following else ""

    def phrases(self, phrases: Mapping[str, ContextPhrases]) -> ContextPhrases:
        """Return the phrases for this name, of those for all names."""
        return phrases.get(self.low[self.start : self.end], _NO_PHRASES)


def context_phrases() -> dict[str, ContextPhrases]:
    """Return the phrases of ``context.txt`` by doubtful name, in lower case."""
    text = (files("nlp.companies") / "context.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    phrases: dict[str, ContextPhrases] = {}
    for line in lines:
        name, _, listed = line.partition(":")
        signed = [phrase.strip() for phrase in listed.split(",") if phrase.strip()]
        phrases[name.strip()] = ContextPhrases(
            supporting=_any_phrase(phrase[1:] for phrase in signed if phrase[0] == "+"),
            opposing=_any_phrase(phrase[1:] for phrase in signed if phrase[0] == "-"),
        )
    return phrases


def is_contradicted(name: NameInText, phrases: Mapping[str, ContextPhrases]) -> bool:
    """Return whether a phrase near the name says that it does not mean the company."""
    opposing = name.phrases(phrases).opposing
    return bool(opposing and opposing.search(name.surroundings))


def means_company(name: NameInText, phrases: Mapping[str, ContextPhrases]) -> bool:
    """Return whether the surroundings of a doubtful name confirm that it means the company.

    >>> def gap_is_company(headline):
    ...     start = headline.index("Gap")
    ...     name = NameInText(headline, headline.lower(), start, start + len("Gap"))
    ...     return means_company(name, context_phrases())
    >>> gap_is_company("Gap to close 200 stores"), gap_is_company("Gap of ages is narrowing")
    (True, False)
    """
    supporting = name.phrases(phrases).supporting
    if supporting and supporting.search(name.surroundings):
        return True
    if _HYPHENATED_NAME.match(name.text, name.end):
        return False

    word_before, word_after = name.neighbours
    has_article = lower(word_before) in {"a", "an", "each", "every", "no"}
    signs = [
        bool(LEGAL_FORM_AFTER.match(name.text, name.end)),
        lower(word_before) in cue_words("roles"),
        lower(word_after) in words_after_company() and not has_article,
    ]
    near = {word for word in _WORD.findall(name.surroundings) if word in business_words()}
    points = _SIGN_POINTS * sum(signs) + min(_MAX_BUSINESS_WORD_POINTS, len(near))
    return points + _capital_points(name) >= MIN_POINTS


def _capital_points(name: NameInText) -> int:
    """Return a point for a capital within a sentence, which only names have.

    Next to another capitalised word the name is a part of a longer one, such as a person's, and
    loses points, unless a legal form follows. In title case capitals say little.
    """
    word_before, word_after = name.neighbours
    title_case = is_title_case(name.text)
    begins_text = name.start <= len(word_before) + 1
    cues = words_after_company() | cue_words("roles") | business_words()
    other_names = [
        word
        for word in ("" if begins_text or title_case else word_before, word_after)
        if word[:1].isupper()
        and not (word.isupper() and len(word) <= _MAX_INITIALS)
        and lower(word) not in cues
    ]
    if other_names:
        if LEGAL_FORM_AFTER.match(name.text, name.end):
            return 0
        return -1 if title_case else -2

    if title_case or name.start == 0:
        return 0
    begins_sentence = name.text[name.start - 2] in ".:!?"
    return 0 if begins_sentence else 1


def is_title_case(text: str) -> bool:
    """Return whether so many words of ``text`` have capitals that a capital shows no name."""
    words = [
        word
        for word in _WORD.findall(text)
        if len(word) >= _MIN_TITLE_LETTERS and word[0].isalpha()
    ]
    capitalised = sum(word[0].isupper() for word in words)
    return bool(capitalised >= _MIN_TITLE_SHARE * len(words))


def _any_phrase(phrases: Iterable[str]) -> re.Pattern[str] | None:
    alternatives = "|".join(map(re.escape, phrases))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if alternatives else None
