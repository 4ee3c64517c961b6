"""Whether a name that may mean something else means the company, judged by what is around it."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final, NamedTuple

from nlp.companies.cue_words import LEGAL, business, follows, words
from nlp.companies.folding import lower

ENOUGH: Final = 2
"""Points. A sign of the company's own is enough, a word of business near by is not."""
_REACH: Final = 90
"""Characters on either side that are near by: a headline, or a sentence of a text."""
_HYPHENED: Final = re.compile(r"-[A-Z]")  # a double name, such as Chase-Riboud
_MOST_NEAR: Final = 2
_WORD: Final = re.compile(r"[^\W_][\w&.'-]*")
_LONGEST_INITIALS: Final = 3  # US, EU, CEO
_TITLE_SHARE: Final = 0.7
_LEAST_TITLE: Final = 4


class Phrases(NamedTuple):
    """What speaks for and against one name."""

    own: re.Pattern[str] | None
    against: re.Pattern[str] | None


class Place(NamedTuple):
    """A name in its surroundings; ``low`` is ``text`` in lower case."""

    text: str
    low: str
    start: int
    end: int


def phrases() -> dict[str, Phrases]:
    """The doubtful names of ``context.txt``, in lower case."""
    text = (files("nlp.companies") / "context.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    split = (line.partition(":") for line in lines)
    return {name.strip(): _phrases(said.split(",")) for name, _, said in split}


def speaks_against(place: Place, known: Mapping[str, Phrases]) -> bool:
    """Whether a phrase near ``place`` says that the name there is not the company's."""
    own = known.get(place.low[place.start : place.end])
    return bool(own and own.against and own.against.search(_near(place)))


def means_company(place: Place, known: Mapping[str, Phrases]) -> bool:
    """Whether enough around ``place`` says that the doubtful name there is the company's.

    >>> def told(text, name="Gap"):
    ...     start = text.index(name)
    ...     return means_company(Place(text, text.lower(), start, start + len(name)), phrases())
    >>> told("Gap to close 200 stores"), told("Gap of ages is narrowing")
    (True, False)
    """
    own = known.get(place.low[place.start : place.end])
    if own and own.own and own.own.search(_near(place)):
        return True
    return _points(place, _near(place)) >= ENOUGH


def _near(place: Place) -> str:
    return place.low[max(0, place.start - _REACH) : place.end + _REACH]


def _points(place: Place, near: str) -> int:
    if _HYPHENED.match(place.text, place.end):
        return 0
    before, after = _around(place)
    points = 2 * bool(LEGAL.match(place.text, place.end))
    is_one_of_many = lower(before) in {"a", "an", "each", "every", "no"}
    points += 2 * (lower(before) in words("roles"))
    points += 2 * (lower(after) in follows() and not is_one_of_many)
    points += min(_MOST_NEAR, len({word for word in _WORD.findall(near) if word in business()}))
    return points + _as_a_name(place, before, after)


def _around(place: Place) -> tuple[str, str]:
    tail = place.text[place.end : place.end + _REACH].removeprefix("'s")
    following = re.match(r" ([^\W_][\w&-]*)", tail)
    preceding = re.search(r"([^\W_][\w&.-]*) $", place.text[: place.start])
    return preceding[1] if preceding else "", following[1] if following else ""


def _as_a_name(place: Place, before: str, after: str) -> int:
    """A capital within a sentence is a name's; beside another one it is a part of that name."""
    known = follows() | words("roles") | business()
    title = is_title(place.text)
    neighbours = (before if place.start > len(before) + 1 and not title else "", after)
    if any(_is_a_name(word) and lower(word) not in known for word in neighbours):
        return 0 if LEGAL.match(place.text, place.end) else title - 2
    if title:
        return 0
    return int(place.start > 0 and place.text[place.start - 2] not in ".:!?")


def _is_a_name(word: str) -> bool:
    return word[:1].isupper() and not (word.isupper() and len(word) <= _LONGEST_INITIALS)


def is_title(text: str) -> bool:
    """Whether capitals say nothing here, since most words have them."""
    found = _WORD.findall(text)
    long = [word for word in found if len(word) >= _LEAST_TITLE and word[0].isalpha()]
    capital: int = sum(word[0].isupper() for word in long)
    return capital >= _TITLE_SHARE * len(long)


def _phrases(signed: Iterable[str]) -> Phrases:
    marked = [phrase.strip() for phrase in signed if phrase.strip()]
    return Phrases(
        own=_any_of(phrase[1:] for phrase in marked if phrase[0] == "+"),
        against=_any_of(phrase[1:] for phrase in marked if phrase[0] == "-"),
    )


def _any_of(found: Iterable[str]) -> re.Pattern[str] | None:
    listed = "|".join(map(re.escape, found))
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)") if listed else None
