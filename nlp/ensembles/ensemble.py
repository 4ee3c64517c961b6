"""Several models as one: the weighted mean of what they say."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from nlp.carried import carried_topics
from nlp.classifier import Classifier, Scores

HALF: Final = 0.5

Numbers = Mapping[str, float]


class Weighted(NamedTuple):
    """A member of an ensemble."""

    classifier: Classifier
    weight: float = 1.0


class Ensemble:
    """Asks its members one after the other. A text that one of them refuses is refused."""

    def __init__(self, members: Sequence[Weighted]) -> None:
        self._members = members
        self.model_id = "+".join(map(_named, members))

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`."""
        answers = [member.classifier.classify(texts) for member in self._members]
        weights = [member.weight for member in self._members]
        return [mean(weights, scores) for scores in zip(*answers, strict=True)]


def mean(weights: Sequence[float], scores: Sequence[Scores]) -> Scores:
    """What the members say of one text, averaged class by class.

    A topic's score is the mean over the members that give it one: models need not know the same
    topics. A text carries it when members with at least half of their weight say so.

    >>> mean([3, 1], [Scores(0.5, 0.5, 0.0, {"ipo": 0.75}), Scores(0.5, 0.0, 0.5, {})])
    Scores(negative=0.5, neutral=0.375, positive=0.125, topics={'ipo': 0.75}, about=('ipo',), \
shadow=None)
    """
    negative = _mean(zip(weights, [one.negative for one in scores], strict=True))
    neutral = _mean(zip(weights, [one.neutral for one in scores], strict=True))
    positive = _mean(zip(weights, [one.positive for one in scores], strict=True))
    topics = _means(weights, [one.topics for one in scores])
    votes = _means(weights, list(map(_votes, scores)))
    about = tuple(name for name in topics if votes[name] >= HALF)
    return Scores(negative, neutral, positive, topics, about)


def _means(weights: Sequence[float], numbers: Sequence[Numbers]) -> dict[str, float]:
    """For each name the mean over those that have it."""
    found: dict[str, list[tuple[float, float]]] = {}
    for weight, named in zip(weights, numbers, strict=True):
        for name, number in named.items():
            found.setdefault(name, []).append((weight, number))
    return {name: _mean(pairs) for name, pairs in found.items()}


def _mean(pairs: Iterable[tuple[float, float]]) -> float:
    weighed = [(weight, weight * number) for weight, number in pairs]
    return sum(product for _, product in weighed) / sum(weight for weight, _ in weighed)


def _votes(scores: Scores) -> dict[str, float]:
    yes = carried_topics(scores)
    return {name: float(name in yes) for name in scores.topics}


def _named(member: Weighted) -> str:
    name = member.classifier.model_id
    return name if member.weight == 1.0 else f"{member.weight:g}*{name}"
