"""Headlines and tweets whose companies' names are known, because they were put there."""

import itertools
import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from labelling.fit import tweets
from labelling.quality import DATA, may_be_learnt
from labelling.sample import read_archives
from nlp.companies.masking import NameMasking
from nlp.companies.renaming import Renaming
from nlp.name_recognition.recogniser import Span
from nlp.name_recognition.words import words
from nlp.normalise import normalise

INVENTED: Final = 0.5
"""Share of the headlines that get invented names; the rest gets rare words."""
MAX_RARE: Final = 3
"""Times that a word may stand in all texts to be a rare one."""
_MIN_LETTERS: Final = 4
_WORDS_IN_NAME: Final = (1, 1, 2)
_SHORT_WORDS: Final = frozenset(
    (
        *("a", "after", "an", "and", "as", "at", "by", "for", "from", "in", "is", "of", "on"),
        *("or", "over", "the", "to", "vs", "with"),
    )
)


class Marked(NamedTuple):
    """A headline with the names of its companies."""

    text: str
    names: Sequence[Span]


def texts_to_learn(data: Path = DATA) -> list[str]:
    """Return the headlines and tweets that may be learnt, each once."""
    titles = (
        row.title for rows in read_archives(data).values() for row in rows if may_be_learnt(row)
    )
    written = (row.text for rows in tweets(data).values() for row in rows)
    return sorted(set(map(normalise, itertools.chain(titles, written))))


def marked_texts(dice: random.Random, data: Path = DATA) -> list[Marked]:
    """Return the texts to learn; listed companies have other names."""
    masking, renaming = NameMasking.builtin(), Renaming(dice.randrange(1 << 32))
    texts = [masking.names(text) for text in texts_to_learn(data)]
    rare = _rare_words([names.text for names in texts if not names.mentions])
    marked: list[Marked] = []
    for names in texts:
        invented = dice.random() < INVENTED
        new = names.renamed(
            [
                renaming.invent()
                if invented
                else " ".join(dice.choices(rare, k=dice.choice(_WORDS_IN_NAME)))
                for _ in names.companies
            ]
        )
        spans = [Span(name.start, name.end) for name in new.replacements]
        marked.append(Marked(new.text, spans))
    dice.shuffle(marked)
    return marked


def _rare_words(texts: Sequence[str]) -> list[str]:
    counted = Counter(word.text for text in texts for word in words(text))
    return sorted(
        word
        for word, count in counted.items()
        if count <= MAX_RARE
        and len(word) >= _MIN_LETTERS
        and word.isalpha()
        and word.istitle()
        and not counted[word.lower()]
    )


def in_title_case(text: str) -> str:
    """Return a text of the same length in title case.

    >>> in_title_case("Acme to cut jobs in Ohio")
    'Acme to Cut Jobs in Ohio'
    """

    def capitalised(match: re.Match[str]) -> str:
        is_short = match[0] in _SHORT_WORDS and match.start() > 0
        return match[0] if is_short else match[0][0].upper() + match[0][1:]

    return re.sub(r"(?<!\S)[a-z]\S*", capitalised, text)
