"""Give the companies in a text other names, so that a model learns what is said, not of whom."""

import random
import re
from collections.abc import Iterator
from typing import Final

from nlp.companies import table
from nlp.companies.company_list import builtin_csv
from nlp.companies.invented_names import NameInventor
from nlp.companies.masking import NameMasking

_MIN_CHARACTERS: Final = 3
"""Shorter names are words as often as names."""
_INVENTED: Final = 0.5
"""Share of the new names that no company has."""


class Renaming:
    """Finds listed companies in texts, and gives them other names."""

    def __init__(self, seed: int) -> None:
        """Read the built-in list of companies; ``seed`` draws the names."""
        self._names = sorted(set(_listed()), key=lambda name: (-len(name), name))
        self._pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, self._names)) + r")\b")
        self._dice = random.Random(seed)  # noqa: S311 - seeded on purpose
        self._inventor = NameInventor(self._dice)
        self._masking = NameMasking.builtin()

    def names_company(self, text: str) -> bool:
        """Return whether a text names a listed company."""
        return self._pattern.search(text) is not None

    def rename(self, text: str, subject: str) -> tuple[str, str]:
        """Return a text and its subject in which each listed company has one other name.

        Half of the new names are those of other listed companies, half are invented.
        """
        found = dict.fromkeys(self._pattern.findall(f"{text} {subject}"))
        others = {
            name: self.invent() if self._dice.random() < _INVENTED else other
            for name, other in zip(found, self._dice.sample(self._names, len(found)), strict=True)
        }

        def renamed(text: str) -> str:
            return self._pattern.sub(lambda match: others.get(match[0], match[0]), text)

        return renamed(text), renamed(subject)

    def rename_masked(self, text: str, subject: str) -> tuple[str, str]:
        """Return a text and its subject in which each name that would be masked is invented."""
        names = self._masking.names(text, subject)
        renamed = names.renamed([self.invent() for _ in names.companies], subject)
        return renamed.text, renamed.subject

    def invent(self) -> str:
        """Return a name that no listed company has, nor a part of it."""
        while True:
            name = self._inventor.invent()
            text = f"{name} shares fall"  # a name that may be a word is a company's here
            if not (self.names_company(text) or self._masking.names(text).mentions):
                return name


def _listed() -> Iterator[str]:
    for company in table.parse(builtin_csv(), "builtin.csv"):
        for name, _ in company.names:
            is_word = name.replace(" ", "").isalpha() and not name.isupper()
            if is_word and name[:1].isupper() and len(name) >= _MIN_CHARACTERS:
                yield name
