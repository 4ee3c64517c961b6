"""Chinese text as clauses of words: simplified characters, lower case."""

import re
from collections.abc import Iterable
from typing import Final
from unicodedata import normalize

from nlp.lexicon.terms import read_lines

_BREAK: Final = re.compile(r"[\s。、,.;:!?|—…·/]+")
"""What ends a clause, once full-width signs are normal ones. Headlines put a space for a comma."""


class Segmenter:
    """Splits Chinese text into words, of which the listed terms are some."""

    def __init__(self, terms: Iterable[str]) -> None:
        """Load the library's dictionary, half a second, and add ``terms`` to it."""
        from rjieba import Jieba

        pairs = "".join(read_lines("zh/traditional")).split()
        self._fold = str.maketrans({pair[0]: pair[1] for pair in pairs})
        self._jieba = Jieba()
        for term in terms:
            if len(term) > 1:
                self._jieba.add_word(term, None, None)  # at a frequency that keeps it together

    def clauses(self, text: str) -> list[list[str]]:
        """Return the words of each clause, traditional characters as simplified ones.

        >>> Segmenter(["净亏损"]).clauses("Acme淨虧損擴大。停牌")
        [['acme', '净亏损', '扩大'], ['停牌']]
        """
        text = text.encode("utf-8", "replace").decode()  # the library refuses half a surrogate
        folded = normalize("NFKC", text).translate(self._fold).lower()
        # Without the library's guesses at new words, which would take verbs into names.
        return [self._jieba.cut(clause, hmm=False) for clause in _BREAK.split(folded) if clause]
