"""Explanation of the lexicon: its score is a sum, so that the words' shares of it are exact."""

from collections.abc import Sequence
from math import log, prod
from typing import Final, NamedTuple

from nlp.classifier import Scores
from nlp.explain.explanation import Attribution, Explanation, explained_labels
from nlp.lexicon.lexicon import (
    MAX_CHARS,
    MAX_MASS,
    NEGATION_REACH_TOKENS,
    SLOPE,
    Cue,
    Lexicon,
    negated,
)
from nlp.lexicon.terms import Match, tokens

MASS_SIGNS: Final = {"negative": (1.0, -0.5), "neutral": (-0.5, -0.5), "positive": (-0.5, 1.0)}
"""What either mass adds to a label's score minus the mean of the other two, which lose half."""


class Share(NamedTuple):
    """Share of tokens ``start`` to ``end`` (exclusive) in a text's negative and positive mass."""

    start: int
    end: int
    negative: float
    positive: float


class TokenValue(NamedTuple):
    """Value of tokens ``start`` to ``end`` (exclusive) in log-odds."""

    start: int
    end: int
    value: float


class LexiconAttribution:
    """Explains the `Lexicon`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def explain(self, text: str, scores: Scores, label: str = "") -> Explanation:
        """Return the exact values of the words that the lexicon reads.

        A sentiment's value is the mean of its log-odds against either other sentiment. A topic's is
        what the word takes from ``log(1 - score)``.
        """
        words = text[:MAX_CHARS].split()
        word_tokens = _tokens(words)
        sentiment, topic = explained_labels(scores, label)
        return Explanation(
            "cues",
            self.explain_sentiment(sentiment, words, word_tokens) if sentiment else None,
            self.explain_topic(topic, words, word_tokens) if topic else None,
        )

    def explain_sentiment(
        self, label: str, words: Sequence[str], word_tokens: list[str]
    ) -> Attribution:
        """Return the values of a text's words for a sentiment, given the tokens of all words."""
        negative_sign, positive_sign = MASS_SIGNS[label]
        values = [
            TokenValue(
                share.start,
                share.end,
                SLOPE * (negative_sign * share.negative + positive_sign * share.positive),
            )
            for share in mass_shares(self._lexicon.cues(word_tokens))
        ]
        return Attribution(label, _sum_by_word(words, values), delta=0.0)

    def explain_topic(
        self, label: str, words: Sequence[str], word_tokens: list[str]
    ) -> Attribution:
        """Return the values of a text's words for a topic, given the tokens of all words."""
        values = [
            TokenValue(start, end, -log(1.0 - cue.weight))
            for start, end, cue in self._lexicon.topic_cues(word_tokens)
            if cue.topic == label
        ]
        return Attribution(label, _sum_by_word(words, values), delta=0.0)


def mass_shares(cues: Sequence[Match[Cue]]) -> list[Share]:
    """Return the cues' shares, which add up to the two masses that `Lexicon` computes.

    A sentiment's share is its own weight; a negation's is the difference that it makes. The effect
    of all factors together is divided among them in proportion to their logarithms. If a mass is
    over its bound, all shares in it are reduced alike.
    """
    sentiments = _sentiment_shares(cues)
    negative = sum(share.negative for share in sentiments)
    positive = sum(share.positive for share in sentiments)

    factors = [match for match in cues if match.value.kind == "factor"]
    product = prod(match.value.weight for match in factors)
    # Multiplying a mass m by the product adds m * (product - 1) to it.
    added_per_log = (product - 1.0) / log(product) if product != 1.0 else 1.0
    added = [added_per_log * log(match.value.weight) for match in factors]
    shares = sentiments + [
        Share(match.start, match.end, share * negative, share * positive)
        for match, share in zip(factors, added, strict=True)
    ]

    fit_negative, fit_positive = _fit(negative * product), _fit(positive * product)
    return [
        share._replace(
            negative=share.negative * fit_negative, positive=share.positive * fit_positive
        )
        for share in shares
    ]


def _sentiment_shares(cues: Sequence[Match[Cue]]) -> list[Share]:
    """Return the shares of sentiments, and of the negations that turn them, before any factor."""
    shares: list[Share] = []
    negation, negated_until = Share(0, 0, 0.0, 0.0), -1
    for start, end, (kind, weight) in cues:
        if kind == "negation":
            negation, negated_until = Share(start, end, 0.0, 0.0), end + NEGATION_REACH_TOKENS
        elif kind == "sentiment":
            share = _own_share(start, end, weight)
            shares.append(share)
            if start < negated_until:
                turned = _own_share(start, end, negated(weight))
                shares.append(
                    negation._replace(
                        negative=turned.negative - share.negative,
                        positive=turned.positive - share.positive,
                    )
                )
    return shares


def _own_share(start: int, end: int, weight: float) -> Share:
    return Share(start, end, max(-weight, 0.0), max(weight, 0.0))


def _fit(mass: float) -> float:
    """Return the factor that brings ``mass`` within its bound."""
    return MAX_MASS / mass if mass > MAX_MASS else 1.0


def _tokens(words: Sequence[str]) -> list[str]:
    return [token for word in words for token in tokens(word)]


def _sum_by_word(
    words: Sequence[str], values: Sequence[TokenValue]
) -> tuple[tuple[str, float], ...]:
    """Return each word with the sum of its tokens' values; tokens of one value share it evenly."""
    by_token = [0.0] * len(_tokens(words))
    for start, end, value in values:
        for index in range(start, end):
            by_token[index] += value / (end - start)

    remaining = iter(by_token)
    return tuple((word, sum(next(remaining) for _ in tokens(word))) for word in words)
