"""The meaning of the labels in a file of labelled texts.

A name says what it means. A number does not: some data sets number negative, neutral and positive
in this order, others put positive before neutral. So the meaning of a number has to be given,
unless numbers below zero show that it is a scale from bad to good.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from nlp.rows.label_names import number_in, sentiment_named
from nlp.tasks import LABELS, SENTIMENTS, TOPICS, Task
from nlp.topic_names import topic_name

OPTIONS: Final[Mapping[Task, str]] = {"sentiment": "--labels", "topic": "--topic-labels"}
"""The option of the commands that gives labels a meaning."""
TWITTER: Final = "tfns"
"""Names the numbers of the Twitter Financial News data sets, instead of a list of them."""
_TWITTER_NUMBERS: Final[Mapping[Task, Mapping[str, str]]] = {
    "sentiment": {"0": "negative", "1": "positive", "2": "neutral"},
    "topic": {str(number): topic for number, topic in enumerate(TOPICS)},
}

_EXAMPLES: Final[Mapping[Task, tuple[str, str, str]]] = {
    "sentiment": SENTIMENTS,
    "topic": ("earnings", "ipo", "macro"),
}
"""Classes for an example of the option."""

Meanings = Mapping[str, str]
"""The name of each label's class, by the label or by the number in it."""
MeaningsByTask = Mapping[Task, Meanings]


class BadMeanings(Exception):
    """An option that should give labels a meaning does not; the message says why."""


@dataclass(frozen=True, slots=True)
class LabelCount:
    """A label of a file; the names are keys of ``evaluate --json``.

    Attributes:
        label: as the file has it.
        meaning: name of its class.
        rows: number of rows with it.
    """

    label: str
    meaning: str
    rows: int


def parse_meanings(option: str, task: Task) -> dict[str, str]:
    """Parse what an option says about labels: ``LABEL=MEANING,…``, or `TWITTER`.

    Raises:
        BadMeanings: a part has no meaning, or one that the task does not have.

    >>> parse_meanings("0=negative, 1=neutral, LABEL_2=bullish", "sentiment")
    {'0': 'negative', '1': 'neutral', '2': 'positive'}
    """
    if option.strip().lower() == TWITTER:
        return dict(_TWITTER_NUMBERS[task])
    meanings: dict[str, str] = {}
    for part in filter(None, map(str.strip, option.split(","))):
        label, equals, meaning = part.rpartition("=")
        name = named_class(meaning, task)
        if not equals or not label.strip() or name is None:
            raise BadMeanings(
                f"{OPTIONS[task]} {part}: write LABEL=MEANING, where the meaning is one of "
                f"{', '.join(LABELS[task])}, or {TWITTER}"
            )
        meanings[_key(label)] = name
    return meanings


def known_meanings(labels: Iterable[str], task: Task, meanings: Meanings) -> dict[str, str]:
    """Return the name of the class of each of a file's labels; labels without a meaning are absent.

    ``meanings`` take precedence over a label's own name.
    """
    labels = set(labels)
    numbers = {label: number for label in labels if (number := number_in(label)) is not None}
    is_scale = task == "sentiment" and min(numbers.values(), default=0) < 0
    known: dict[str, str] = {}
    for label in labels:
        name = meanings.get(_key(label)) or named_class(label, task)
        if name is None and is_scale and label in numbers:
            number = numbers[label]
            name = SENTIMENTS[1 + (number > 0) - (number < 0)]
        if name is not None:
            known[label] = name
    return known


def named_class(label: str, task: Task) -> str | None:
    """Return the class of ``task`` that a label names, or None."""
    if task == "sentiment":
        return sentiment_named(label)
    topic = topic_name(label)
    return topic if topic in TOPICS else None


def unknown_numbers(counts: Mapping[str, int], task: Task) -> str:
    """Return the sentence about labels that are numbers without a meaning, with the remedy."""
    listed = ", ".join(f"{label} ({row_count(rows)})" for label, rows in sorted(counts.items()))
    numbers = sorted({number for label in counts if (number := number_in(label)) is not None})
    names = _EXAMPLES[task] if len(numbers) != 2 else _EXAMPLES[task][::2]  # noqa: PLR2004 - without neutral
    example = ",".join(f"{number}={name}" for number, name in zip(numbers, names, strict=False))
    option = OPTIONS[task]
    return (
        f"numbers do not say what they mean: {listed}; say it, such as {option} {example}, or "
        f"{option} {TWITTER} if they are those of Twitter Financial News"
    )


def row_count(rows: int) -> str:
    """Return a number of rows with its noun."""
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"


def _key(label: str) -> str:
    """Return the form in which labels are compared: its number if it is one, or else lower case."""
    number = number_in(label)
    return str(number) if number is not None else label.strip().casefold()
