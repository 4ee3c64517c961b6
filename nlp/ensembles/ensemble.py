"""Several models as one: the weighted mean of their scores."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from nlp.classifier import Classifier, Question, Scores, SubjectClassifier
from nlp.tasks import carried_topics

MAJORITY: Final = 0.5
"""Share of the weight from which the members together decide that a text carries a topic."""


class Weighted(NamedTuple):
    """A member of an ensemble."""

    classifier: Classifier
    weight: float = 1.0


class Ensemble:
    """A classifier that asks its members one after the other.

    A text that one of them refuses is refused. Questions are answered by those of them that can be
    asked, as topics are scored by those that know them.
    """

    def __init__(self, members: Sequence[Weighted]) -> None:
        self._members = members
        self.model_id = "+".join(
            member.classifier.model_id
            if member.weight == 1.0
            else f"{member.weight:g}*{member.classifier.model_id}"
            for member in members
        )
        if any(isinstance(member.classifier, SubjectClassifier) for member in members):
            self.classify_about = self._classify_about

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text by the weighted mean over the members."""
        answers = [member.classifier.classify(texts) for member in self._members]
        weights = [member.weight for member in self._members]
        return [mean_scores(weights, scores) for scores in zip(*answers, strict=True)]

    def _classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        """Answer each question by the weighted mean over the members that can be asked."""
        asked = [
            (weight, member.classify_about(questions))
            for member, weight in self._members
            if isinstance(member, SubjectClassifier)
        ]
        weights = [weight for weight, _ in asked]
        answers = [scores for _, scores in asked]
        return [mean_scores(weights, scores) for scores in zip(*answers, strict=True)]


def mean_scores(weights: Sequence[float], scores: Sequence[Scores]) -> Scores:
    """Average the members' scores of one text, class by class.

    A topic's score is the mean over the members that give it one: models need not know the same
    topics. A text carries a topic if at least half of the weight of these members says so. The
    severity, too, is the mean over the members that say one.

    >>> mean_scores([3, 1], [Scores(0.5, 0.5, 0.0, {"ipo": 0.75}), Scores(0.5, 0.0, 0.5, {})])
    Scores(negative=0.5, neutral=0.375, positive=0.125, topics={'ipo': 0.75}, about=('ipo',), \
shadow=None, reader=None, severity=None)
    """
    negative = _mean(zip(weights, [member.negative for member in scores], strict=True))
    neutral = _mean(zip(weights, [member.neutral for member in scores], strict=True))
    positive = _mean(zip(weights, [member.positive for member in scores], strict=True))
    topics = _mean_by_name(weights, [member.topics for member in scores])

    votes_by_member: list[dict[str, float]] = []
    for member in scores:
        carried = carried_topics(member)
        votes_by_member.append({topic: float(topic in carried) for topic in member.topics})
    votes = _mean_by_name(weights, votes_by_member)
    about = tuple(topic for topic in topics if votes[topic] >= MAJORITY)
    severities = [
        (weight, member.severity)
        for weight, member in zip(weights, scores, strict=True)
        if member.severity is not None
    ]
    severity = _mean(severities) if severities else None
    return Scores(negative, neutral, positive, topics, about, severity=severity)


def _mean_by_name(
    weights: Sequence[float], numbers: Sequence[Mapping[str, float]]
) -> dict[str, float]:
    """Average each name over the members that have it."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for weight, by_name in zip(weights, numbers, strict=True):
        for name, number in by_name.items():
            pairs.setdefault(name, []).append((weight, number))
    return {name: _mean(weighted) for name, weighted in pairs.items()}


def _mean(pairs: Iterable[tuple[float, float]]) -> float:
    weighted = [(weight, weight * number) for weight, number in pairs]
    return sum(product for _, product in weighted) / sum(weight for weight, _ in weighted)
