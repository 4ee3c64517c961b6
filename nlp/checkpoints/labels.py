"""The meaning of a checkpoint's labels: what the settings say, or else the labels' names."""

from collections.abc import Mapping, Sequence

from nlp.classifier import LabelsUnknown
from nlp.rows.label_names import number_in, sentiment_named
from nlp.tasks import SENTIMENTS
from nlp.topic_names import topic_name


def sentiment_columns(labels: Sequence[str], meanings: Mapping[str, str]) -> list[int]:
    """Return for each label the index of its sentiment in `nlp.tasks.SENTIMENTS`.

    ``meanings`` are the settings, which take precedence over a label's name. Several labels may
    mean the same sentiment; neutral may be missing, as in a model of two classes.

    Raises:
        LabelsUnknown: a label has no meaning, none is negative, none is positive, or ``meanings``
            has labels that the checkpoint does not have.
    """
    _check_names(labels, meanings, "nlp.labels")
    sentiments = [meanings.get(label) or sentiment_named(label) for label in labels]
    if None in sentiments or not {"negative", "positive"} <= set(sentiments):
        raise LabelsUnknown(
            f"labels {list(labels)} do not say which class is negative, neutral, positive: "
            "name them in the setting nlp.labels, such as "
            '{"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}; '
            "a model of topics belongs in nlp.topics"
        )
    return [SENTIMENTS.index(sentiment) for sentiment in sentiments if sentiment]


def sum_by_sentiment(
    probabilities: Sequence[float], columns: Sequence[int]
) -> tuple[float, float, float]:
    """Add the probabilities of a checkpoint's labels up to negative, neutral and positive.

    >>> sum_by_sentiment([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 2])[1:]
    (0.3, 0.4)
    """
    sums = [0.0, 0.0, 0.0]
    for probability, column in zip(probabilities, columns, strict=True):
        sums[column] += probability
    return sums[0], sums[1], sums[2]


def topic_names(labels: Sequence[str], meanings: Mapping[str, str]) -> list[str]:
    """Return for each label the name of its topic, or an empty string if it is no topic.

    ``meanings`` are the settings, which take precedence over a label's own name. That is brought to
    the one vocabulary of topics (`nlp.topic_names`).

    Raises:
        LabelsUnknown: a label has no meaning, as LABEL_0; ``meanings`` has labels that the
            checkpoint does not have; or no topic is left.

    >>> topic_names(["Fed | Central Banks", "LABEL_1", "Other"], {"LABEL_1": "ipo", "Other": ""})
    ['fed-central-banks', 'ipo', '']
    """
    _check_names(labels, meanings, "nlp.topic_labels")
    unnamed = [label for label in labels if label not in meanings and not _slug(label)]
    topics = [meanings.get(label, _slug(label)) for label in labels]
    if unnamed or not any(topics) or len(labels) == 1:
        raise LabelsUnknown(
            f"labels {', '.join(labels)} do not say which topics they are: name them in the "
            'setting nlp.topic_labels, such as {"LABEL_0": "earnings", "LABEL_1": ""}'
        )
    return topics


def _check_names(labels: Sequence[str], meanings: Mapping[str, str], setting: str) -> None:
    """Check that a setting names only labels that the checkpoint has, to catch typing errors."""
    unknown = [label for label in meanings if label not in labels]
    if unknown:
        raise LabelsUnknown(
            f"{setting} gives a meaning to {', '.join(unknown)}, which the checkpoint does not "
            f"have: its labels are {', '.join(labels)}; of several checkpoints, name the one "
            "that a label belongs to, as in MODEL:LABEL"
        )


def _slug(label: str) -> str:
    return "" if number_in(label) is not None else topic_name(label)
