"""Vary the names of companies in training texts: a model is to learn what is said, not of whom."""

import random
import re
from collections.abc import Iterator, Sequence
from typing import Final

from nlp.companies import table
from nlp.companies.company_list import builtin_csv
from nlp.training.examples import Example

_MIN_CHARACTERS: Final = 3
"""Shorter names are words as often as names."""
_INVENTED: Final = 0.5
"""Share of the new names that no company has."""
_BEGINNINGS: Final = "Al Bel Cor Dun Er Fal Gren Hol Is Jor Kel Lun Mar Nor Or Pel Quin Ros Sol Tor"
_ENDINGS: Final = (
    "ab berg dale den ex field ford ia ic ington ix land mont ona or stad ton um way yx"
)
_TRADES: Final = (
    "Air Bank Capital Chemicals Energy Foods Group Holdings Industries Media Mining Motors"
)
_MORE_TRADES: Final = (
    "Oil Partners Pharma Power Resources Retail Software Steel Systems Telecom Water"
)


def varied(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """Return copies of ``share`` of the examples that name a company, under other names.

    Each listed company that a text names gets the name of another one, or an invented one, in text
    and subject alike.
    """
    names = _names()
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b")
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    return [
        _renamed(example, pattern, names, dice)
        for example in examples
        if pattern.search(example.text) and dice.random() < share
    ]


def _renamed(
    example: Example, pattern: re.Pattern[str], names: Sequence[str], dice: random.Random
) -> Example:
    found = dict.fromkeys(pattern.findall(f"{example.text} {example.subject}"))
    others = {
        name: invented(dice) if dice.random() < _INVENTED else other
        for name, other in zip(found, dice.sample(names, len(found)), strict=True)
    }

    def renamed(text: str) -> str:
        return pattern.sub(lambda match: others.get(match[0], match[0]), text)

    return Example(renamed(example.text), example.labels, renamed(example.subject))


def invented(dice: random.Random) -> str:
    """Return a name such as Kelington, or Norberg Foods."""
    name = dice.choice(_BEGINNINGS.split()) + dice.choice(_ENDINGS.split())
    trades = [*_TRADES.split(), *_MORE_TRADES.split()]
    return f"{name} {dice.choice(trades)}" if dice.random() < _INVENTED else name


def _names() -> list[str]:
    """Return the names of the listed companies, the longest first."""
    return sorted(set(_listed()), key=lambda name: (-len(name), name))


def _listed() -> Iterator[str]:
    for company in table.parse(builtin_csv(), "builtin.csv"):
        for name, _ in company.names:
            is_word = name.replace(" ", "").isalpha() and not name.isupper()
            if is_word and name[:1].isupper() and len(name) >= _MIN_CHARACTERS:
                yield name
