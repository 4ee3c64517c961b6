"""Sentiment and topics by word list: no training, no download, the same answer everywhere.

It is what runs where torch is not installed, and in tests, and the yardstick a trained model has to
beat. It knows news English only, and no irony.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import exp
from typing import Literal, NamedTuple

from nlp.classifier import Scores
from nlp.lexicon.terms import Found, Terms, read, tokens

MAX_CHARS = 1_000
MAX_TOPICS = 3
TOPIC_FLOOR = 0.5
TOPIC_WEIGHT = 0.6
NEGATION_REACH = 3
NEGATED_CAP = 1.0
MASS_CAP = 4.0
# Log-odds: one unpleasant word makes negative just likelier than neutral, no word leaves 79 %.
SLOPE = 2.2
NEUTRAL_BIAS = 2.0


class Cue(NamedTuple):
    """What a term says: its own sentiment, a turn of what follows, or a factor of the whole."""

    kind: Literal["sentiment", "negation", "factor"]
    weight: float = 0.0


class Lexicon:
    """Counts weighted cues and turns them into probabilities. Over 20 000 headlines/s on a core."""

    model_id = "lexicon-1"

    def __init__(self) -> None:
        self._cues = Terms(_cues())
        self._topics = Terms(_topics())

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`; never fails. Texts count up to their 1 000th character."""
        return [self._score(tokens(text[:MAX_CHARS])) for text in texts]

    def topics(self, text: str) -> dict[str, float]:
        """Only the topics of a text, for a model that knows none."""
        return _topic_scores(self._topics.find(tokens(text[:MAX_CHARS])))

    def cues(self, words: list[str]) -> list[Found[Cue]]:
        """What decides the sentiment of a text with these `nlp.lexicon.terms.tokens`."""
        return self._cues.find(words)

    def themes(self, words: list[str]) -> list[Found[tuple[str, float]]]:
        """What decides its topics: a topic and how surely the term means it."""
        return self._topics.find(words)

    def _score(self, words: list[str]) -> Scores:
        negative, positive = _masses(self._cues.find(words))
        return _softmax(negative, positive, _topic_scores(self._topics.find(words)))


def _masses(found: list[Found[Cue]]) -> tuple[float, float]:
    negative = positive = 0.0
    factor, turned_until = 1.0, -1
    for start, end, (kind, weight) in found:
        if kind == "negation":
            turned_until = end + NEGATION_REACH
        elif kind == "factor":
            factor *= weight
        else:
            signed = opposite(weight) if start < turned_until else weight
            negative, positive = negative + max(-signed, 0.0), positive + max(signed, 0.0)
    return min(negative * factor, MASS_CAP), min(positive * factor, MASS_CAP)


def opposite(weight: float) -> float:
    """What a negated cue weighs: "no bankruptcy" is good, but less than a bankruptcy is bad."""
    return -max(-NEGATED_CAP, min(weight, NEGATED_CAP))


def _softmax(negative: float, positive: float, topics: Mapping[str, float]) -> Scores:
    bad, plain, good = exp(SLOPE * negative), exp(NEUTRAL_BIAS), exp(SLOPE * positive)
    total = bad + plain + good
    return Scores(bad / total, plain / total, good / total, topics, tuple(topics))


def _topic_scores(found: list[Found[tuple[str, float]]]) -> dict[str, float]:
    missed: dict[str, float] = {}
    for _, _, (label, weight) in found:
        missed[label] = missed.get(label, 1.0) * (1.0 - weight)
    scores = sorted(((1.0 - miss, label) for label, miss in missed.items()), reverse=True)
    return {label: score for score, label in scores[:MAX_TOPICS] if score >= TOPIC_FLOOR}


def _cues() -> Iterable[tuple[str, Cue]]:
    yield from ((term, Cue("negation")) for _, term in read("negators"))
    yield from ((term, Cue("factor", float(head))) for head, term in read("intensifiers"))
    yield from ((term, Cue("sentiment", -float(head))) for head, term in read("negative"))
    yield from ((term, Cue("sentiment", float(head))) for head, term in read("positive"))


def _topics() -> Iterable[tuple[str, tuple[str, float]]]:
    for head, term in read("topics"):
        label, _, weight = head.partition(" ")
        yield term, (label, float(weight or TOPIC_WEIGHT))
