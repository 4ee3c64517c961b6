"""What a checkpoint's labels mean."""

from collections.abc import Mapping, Sequence
from typing import Final

from nlp.checkpoints.meanings import refuse_strangers
from nlp.classifier import LabelsUnknown

ORDER: Final = ("negative", "neutral", "positive")

_KNOWN: Final = {
    "negative": "negative",
    "neg": "negative",
    "bearish": "negative",
    "neutral": "neutral",
    "neu": "neutral",
    "positive": "positive",
    "pos": "positive",
    "bullish": "positive",
}


def columns(id2label: Mapping[int, str], given: Mapping[str, str]) -> list[int]:
    """For each class of the checkpoint, in order, its place in `ORDER`.

    ``given`` counts before a label's name. Several classes may mean the same; neutral may be
    missing, as in a model of two classes.

    Raises:
        LabelsUnknown: a label says nothing, none is negative, none positive, or ``given`` has
            labels that the checkpoint has not.
    """
    labels = [id2label[index] for index in sorted(id2label)]
    refuse_strangers(labels, given, "nlp.labels")
    meanings = [given.get(label) or _KNOWN.get(label.lower()) for label in labels]
    if None in meanings or not {"negative", "positive"} <= set(meanings):
        raise LabelsUnknown(
            f"labels {labels} do not say which class is negative, neutral, positive: "
            "name them in the setting nlp.labels, such as "
            '{"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}; '
            "a model of topics belongs in nlp.topics"
        )
    return [ORDER.index(meaning) for meaning in meanings if meaning]


def folded(probabilities: Sequence[float], places: Sequence[int]) -> tuple[float, float, float]:
    """Probabilities of the checkpoint's classes added up to negative, neutral, positive.

    >>> folded([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 2])[1:]
    (0.3, 0.4)
    """
    sums = [0.0, 0.0, 0.0]
    for probability, place in zip(probabilities, places, strict=True):
        sums[place] += probability
    return sums[0], sums[1], sums[2]
