"""Relevance of companies that a headline or a text names: subjects, objects and bystanders.

No grammar is parsed. Headlines put their subject first, so that a company's position among the
others, the verb before it, and the words right before and after it say most of it.
"""

import re
from collections.abc import Sequence
from typing import Final

from nlp.companies.cue_words import (
    BYSTANDER_AFTER,
    BYSTANDER_BEFORE,
    DEALS,
    PLATFORM_BEFORE,
    RATED_BEFORE,
    RATES_AFTER,
    SIGNATURE_SEPARATOR,
    cue_words,
)
from nlp.companies.name_index import Mention

SUBJECT: Final = 1.0
"""The first company of a headline, before the verb."""
JOINED_SUBJECT: Final = 0.9
"""The second company, joined to the subject: "Acme and Orbit settle"."""
LATE_SUBJECT: Final = 0.8
"""The first company, but after the verb: "Regulators fine Acme"."""
OBJECT: Final = 0.8
"""A company that another one acts upon, or the third and later in a list."""
AFTER_PREPOSITION: Final = 0.6
"""The first company, after a preposition, where much depends on the verb: "Toys for Acme"."""
SECOND: Final = 0.5
"""The second company of a headline without a relation to the first."""
FURTHER: Final = 0.4
"""The third and any later company of a headline that is no list."""
BYSTANDER: Final = 0.15
"""A company named for another's sake: the analyst's bank, the rival, the supplier."""

SENTENCE_START: Final = 0.5
"""A company at the beginning of a sentence near the beginning of a body."""
LEAD: Final = 0.3
"""A company within a sentence near the beginning of a body."""
PASSING: Final = 0.2
"""A company named later in a body."""
REPEATED: Final = 0.1
"""Added for each further mention in a body."""
MAX_IN_BODY: Final = 0.7
_LEAD_CHARS: Final = 200

MIN_RELEVANCE: Final = 0.01
"""Relevance of a company in an article at least, so that it is above zero."""
FULL_WEIGHT_COMPANIES: Final = 3
"""In a headline with more companies each counts less: news of five is a list of movers."""
_JOIN: Final = re.compile(r"(?:'s)?(?:,|,? and|,? &|/|,? or| \+|,? with| ?-)? ?\(?")
_WORD: Final = re.compile(r"[\w'-]+")
_PREPOSITION_BEFORE: Final = re.compile(r"\b(?:for|by|in|with|at|from|to) (?:the )?$")
_SAYING: Final = frozenset({"", "says", "said", "forecasts", "warns", "predicts", "estimates"})
_MAX_WORDS_BEFORE_SUBJECT: Final = 5
_BYSTANDER_REACH_CHARS: Final = 60


def headline_relevance(text: str, low: str, mentions: Sequence[Mention]) -> dict[str, float]:
    """Return the relevance of each company in a headline, 0 to 1, by ticker.

    ``low`` is the headline in lower case; ``mentions`` are in the order of the text.
    """
    actors = [mention for mention in mentions if not is_bystander(text, low, mention)]
    tickers = list(dict.fromkeys(mention.ticker for mention in actors))
    share = min(1.0, FULL_WEIGHT_COMPANIES / max(1, len(tickers)))

    relevance = {mention.ticker: BYSTANDER for mention in mentions}
    for index, mention in enumerate(actors):
        weight = share * _actor_weight(low, actors, index, tickers.index(mention.ticker))
        relevance[mention.ticker] = max(weight, relevance[mention.ticker])
    return relevance


def body_relevance(text: str, low: str, mentions: Sequence[Mention]) -> dict[str, float]:
    """Return the relevance of each company in an article's body, 0 to `MAX_IN_BODY`, by ticker."""
    relevance: dict[str, float] = {}
    for mention in mentions:
        if is_bystander(text, low, mention):
            weight = BYSTANDER
        elif mention.start >= _LEAD_CHARS:
            weight = PASSING
        else:
            begins_sentence = mention.start == 0 or text[mention.start - 2] in ".!?"
            weight = SENTENCE_START if begins_sentence else LEAD
        before = relevance.get(mention.ticker, 0.0)
        repeated = before + REPEATED if min(before, weight) > BYSTANDER else 0.0
        relevance[mention.ticker] = min(max(before, weight, repeated), MAX_IN_BODY)
    return relevance


def is_bystander(text: str, low: str, mention: Mention) -> bool:
    """Return whether the words next to a company say that it is named for another's sake.

    >>> def acme_is_bystander(headline):
    ...     start = headline.index("Acme")
    ...     return is_bystander(headline, headline.lower(), Mention(start, start + 4, "ACM"))
    >>> acme_is_bystander("Oil to rise, says analyst at Acme")
    True
    >>> acme_is_bystander("Acme to lay off analysts")
    False
    """
    before = low[max(0, mention.start - _BYSTANDER_REACH_CHARS) : mention.start]
    if BYSTANDER_BEFORE.search(before) or BYSTANDER_AFTER.match(low, mention.end):
        return True
    name = low[mention.start : mention.end]
    if name in cue_words("platforms") and PLATFORM_BEFORE.search(before):
        return True
    return _gives_opinion(text, low, mention)


def _gives_opinion(text: str, low: str, mention: Mention) -> bool:
    """Return whether a bank or an agency is named for its opinion on others, or on the world."""
    if mention.ticker not in cue_words("commentators"):
        return False
    before, after = low[: mention.start], low[mention.end :].strip(" .")
    if RATED_BEFORE.search(before) or RATES_AFTER.match(low, mention.end):
        return True

    # A headline may end with who said it: "Oil to rise - Goldman", "Oil to rise, says Goldman".
    if not before or after not in _SAYING:
        return False
    has_separator = SIGNATURE_SEPARATOR.search(text[: mention.start])
    return before.endswith(("says ", "said ")) or bool(has_separator)


def _actor_weight(low: str, actors: Sequence[Mention], index: int, rank: int) -> float:
    """Return the relevance of ``actors[index]``, whose company is the ``rank``-th from 0."""
    mention = actors[index]
    if rank == 0:
        before = low[: mention.start]
        words = _WORD.findall(before)
        has_verb = any(word in cue_words("verbs") for word in words)
        if len(words) <= _MAX_WORDS_BEFORE_SUBJECT and not has_verb:
            return SUBJECT
        return AFTER_PREPOSITION if _PREPOSITION_BEFORE.search(before) else LATE_SUBJECT

    between = low[actors[index - 1].end : mention.start]
    if _JOIN.fullmatch(between):
        return JOINED_SUBJECT if rank == 1 else OBJECT
    if rank == 1 and DEALS.search(between):
        return OBJECT
    return SECOND if rank == 1 else FURTHER


def article_relevance(headline: dict[str, float], body: dict[str, float]) -> dict[str, float]:
    """Return the relevance in an article, rounded to three digits and at least `MIN_RELEVANCE`.

    A company of the headline keeps its relevance there, and gains a little if the body names it,
    too. Any other company has its relevance in the body.
    """
    relevance = dict(headline)
    for ticker, weight in body.items():
        if ticker in headline:
            relevance[ticker] += REPEATED / 2 if weight > BYSTANDER else 0.0
        else:
            relevance[ticker] = weight
    return {
        ticker: round(min(max(weight, MIN_RELEVANCE), 1.0), 3)
        for ticker, weight in relevance.items()
    }
