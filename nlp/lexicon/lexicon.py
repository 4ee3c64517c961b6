"""Sentiment and topics by word list: no training, no download, the same answer everywhere.

The lexicon runs where torch is not installed and in tests, and it is the baseline that a trained
model has to beat. It understands news English only, and no irony.
"""

from collections.abc import Iterable, Sequence
from math import exp
from typing import Final, Literal, NamedTuple

from nlp.classifier import Scores
from nlp.lexicon.terms import Match, TermIndex, read, tokens

MAX_CHARS: Final = 1_000
"""The rest of a longer text is not read."""
MAX_TOPICS: Final = 3
MIN_TOPIC_SCORE: Final = 0.5
DEFAULT_TOPIC_WEIGHT: Final = 0.6
"""How surely a term means its topic, from 0 to 1, if the word list does not say."""
NEGATION_REACH_TOKENS: Final = 3
MAX_NEGATED_WEIGHT: Final = 1.0
"""A negated cue weighs no more than this: "no bankruptcy" is no triumph."""
MAX_MASS: Final = 4.0
"""Bounds the sum of the weights of either sentiment, so that no text is all but certain."""
SLOPE: Final = 2.2
"""Log-odds per weight: one unpleasant word makes negative just likelier than neutral."""
NEUTRAL_BIAS: Final = 2.0
"""Log-odds of neutral: a text without any cue is neutral with 79 %."""


class Cue(NamedTuple):
    """A term that decides a sentiment.

    Attributes:
        kind: a sentiment of its own, a negation of what follows, or a factor for the whole text.
        weight: positive for good news, negative for bad; for a factor, the factor.
    """

    kind: Literal["sentiment", "negation", "factor"]
    weight: float = 0.0


class TopicCue(NamedTuple):
    """A term that speaks for a topic; ``weight`` is how surely, from 0 to 1."""

    topic: str
    weight: float


class Lexicon:
    """Counts weighted cues and turns them into probabilities; 20 000 headlines/s on one core."""

    model_id = "lexicon-2"

    def __init__(self) -> None:
        cues = [(term, Cue("negation")) for _, term in read("negators")]
        cues += [(term, Cue("factor", float(head))) for head, term in read("intensifiers")]
        cues += [(term, Cue("sentiment", -float(head))) for head, term in read("negative")]
        cues += [(term, Cue("sentiment", float(head))) for head, term in read("positive")]
        self._cues = TermIndex(cues)
        self._topic_cues = TermIndex(
            (term, TopicCue(topic, float(weight or DEFAULT_TOPIC_WEIGHT)))
            for head, term in read("topics")
            for topic, _, weight in [head.partition(" ")]
        )

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Return scores as `Classifier.classify` does; never fails."""
        scores: list[Scores] = []
        for text in texts:
            words = tokens(text[:MAX_CHARS])
            topics = topic_scores(self.topic_cues(words))
            sentiment = probabilities(*_masses(self.cues(words)))
            scores.append(Scores(*sentiment, topics, tuple(topics)))
        return scores

    def topics(self, text: str) -> dict[str, float]:
        """Return only the topics of a text, for a model that knows none."""
        return topic_scores(self.topic_cues(tokens(text[:MAX_CHARS])))

    def cues(self, words: list[str]) -> list[Match[Cue]]:
        """Return the cues that decide the sentiment of a text with these `tokens`."""
        return self._cues.find(words)

    def topic_cues(self, words: list[str]) -> list[Match[TopicCue]]:
        """Return the cues that decide the topics of a text with these `tokens`."""
        return self._topic_cues.find(words)


def _masses(cues: Iterable[Match[Cue]]) -> tuple[float, float]:
    """Return how much bad and how much good the cues say."""
    negative = positive = 0.0
    factor, negated_until = 1.0, -1
    for start, end, (kind, weight) in cues:
        if kind == "negation":
            negated_until = end + NEGATION_REACH_TOKENS
        elif kind == "factor":
            factor *= weight
        else:
            signed = negated(weight) if start < negated_until else weight
            negative, positive = negative + max(-signed, 0.0), positive + max(signed, 0.0)
    return negative * factor, positive * factor


def probabilities(negative_mass: float, positive_mass: float) -> tuple[float, float, float]:
    """Return negative, neutral and positive, given how much bad and how much good a text says.

    >>> [round(probability, 2) for probability in probabilities(1.0, 0.0)]
    [0.52, 0.42, 0.06]
    """
    negative = exp(SLOPE * min(negative_mass, MAX_MASS))
    positive = exp(SLOPE * min(positive_mass, MAX_MASS))
    neutral = exp(NEUTRAL_BIAS)
    total = negative + neutral + positive
    return negative / total, neutral / total, positive / total


def negated(weight: float) -> float:
    """Return the weight of a negated cue, which is of the opposite sign and bounded."""
    return -max(-MAX_NEGATED_WEIGHT, min(weight, MAX_NEGATED_WEIGHT))


def topic_scores(cues: Iterable[Match[TopicCue]]) -> dict[str, float]:
    """Return the `MAX_TOPICS` likeliest topics that reach `MIN_TOPIC_SCORE`, likeliest first.

    Cues are taken as independent: a topic is missed only if each of its cues is wrong.
    """
    missed: dict[str, float] = {}
    for _, _, (topic, weight) in cues:
        missed[topic] = missed.get(topic, 1.0) * (1.0 - weight)
    scores = sorted(((1.0 - miss, topic) for topic, miss in missed.items()), reverse=True)
    return {topic: score for score, topic in scores[:MAX_TOPICS] if score >= MIN_TOPIC_SCORE}
