"""How much a headline or a text is about a company that it names: the subject, or a by-stander.

No grammar is parsed. Headlines put their subject first, so a company's place among the others, what
was done to it, and what stands right before and after it say most of it.
"""

import re
from collections.abc import Sequence
from typing import Final

from nlp.companies.cue_words import (
    BYSTANDER_AFTER,
    BYSTANDER_BEFORE,
    CLOSING,
    DEALS,
    PLATFORM_BEFORE,
    RATED_BEFORE,
    RATES_AFTER,
    words,
)
from nlp.companies.name_index import Mention

SUBJECT: Final = 1.0
LATE_SUBJECT: Final = 0.8
"""The only company, but after the verb: "Regulators fine Acme"."""
JOINED: Final = 0.9
OBJECT: Final = 0.8
OBLIQUE: Final = 0.6
"""After a preposition, of which much hangs on a verb: "Toys for Acme"."""
SECOND: Final = 0.5
FURTHER: Final = 0.4
BYSTANDER: Final = 0.15
OPENING: Final = 0.5
"""At the beginning of a text's sentence."""
LEAD: Final = 0.3
PASSING: Final = 0.2
AGAIN: Final = 0.1
MOST_IN_BODY: Final = 0.7
LIST: Final = 3
"""Companies after which a headline is a list, of which each is a share."""
_LEAD_CHARS: Final = 200
_JOIN: Final = re.compile(r"(?:'s)?(?:,|,? and|,? &|/|,? or| \+|,? with| ?-)? ?\(?")
_WORD: Final = re.compile(r"[\w'-]+")
_OBLIQUE: Final = re.compile(r"\b(?:for|by|in|with|at|from|to) (?:the )?$")
_SAYING: Final = frozenset({"", "says", "said", "forecasts", "warns", "predicts", "estimates"})
_FIRST_WORDS: Final = 5
_REACH: Final = 60


def in_headline(text: str, low: str, mentions: Sequence[Mention]) -> dict[str, float]:
    """Relevance of each company in a headline, 0 to 1, by ticker.

    ``mentions`` are in the order of the text.
    """
    told = {it.ticker: BYSTANDER for it in mentions}
    actors = [it for it in mentions if not is_bystander(text, low, it)]
    order = list(dict.fromkeys(it.ticker for it in actors))
    share = min(1.0, LIST / max(1, len(order)))
    for at, it in enumerate(actors):
        weight = share * _place(low, actors, at, order.index(it.ticker))
        told[it.ticker] = max(weight, told[it.ticker])
    return told


def in_body(text: str, low: str, mentions: Sequence[Mention]) -> dict[str, float]:
    """Relevance of each company in what follows a headline, up to `MOST_IN_BODY`, by ticker."""
    told: dict[str, float] = {}
    for mention in mentions:
        weight = _body_place(text, low, mention)
        before = told.get(mention.ticker, 0.0)
        again = before + AGAIN if min(before, weight) > BYSTANDER else 0.0
        told[mention.ticker] = min(max(before, weight, again), MOST_IN_BODY)
    return told


def _body_place(text: str, low: str, mention: Mention) -> float:
    if is_bystander(text, low, mention):
        return BYSTANDER
    if mention.start >= _LEAD_CHARS:
        return PASSING
    return OPENING if mention.start == 0 or text[mention.start - 2] in ".!?" else LEAD


def is_bystander(text: str, low: str, mention: Mention) -> bool:
    """Whether what is right beside a company says that it is named for another's sake.

    >>> def told(text, name):
    ...     at = text.index(name)
    ...     return is_bystander(text, text.lower(), Mention(at, at + len(name), "X"))
    >>> told("Oil to rise, says analyst at Acme", "Acme"), told("Acme to lay off analysts", "Acme")
    (True, False)
    """
    before = low[max(0, mention.start - _REACH) : mention.start]
    if BYSTANDER_BEFORE.search(before) or BYSTANDER_AFTER.match(low, mention.end):
        return True
    name = low[mention.start : mention.end]
    if name in words("platforms") and PLATFORM_BEFORE.search(before):
        return True
    return _is_voice(text, low, mention)


def _is_voice(text: str, low: str, mention: Mention) -> bool:
    """Whether a bank or an agency is named for its opinion of others, or of the world."""
    if mention.ticker not in words("voices"):
        return False
    before, rest = low[: mention.start], low[mention.end :].strip(" .")
    if RATED_BEFORE.search(before) or RATES_AFTER.match(low, mention.end):
        return True
    if not before or rest not in _SAYING:
        return False
    return before.endswith(("says ", "said ")) or bool(CLOSING.search(text[: mention.start]))


def _place(low: str, mentions: Sequence[Mention], at: int, order: int) -> float:
    start = mentions[at].start
    if order == 0:
        if _leads(low[:start]):
            return SUBJECT
        return OBLIQUE if _OBLIQUE.search(low[:start]) else LATE_SUBJECT
    before = mentions[at - 1]
    between = low[before.end : start]
    if _JOIN.fullmatch(between):
        return JOINED if order == 1 else OBJECT
    if order == 1 and DEALS.search(between):
        return OBJECT
    return SECOND if order == 1 else FURTHER


def _leads(before: str) -> bool:
    before_it = _WORD.findall(before)
    return len(before_it) <= _FIRST_WORDS and not any(word in words("acts") for word in before_it)
