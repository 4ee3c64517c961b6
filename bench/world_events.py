"""Ask models about headlines of world events, and write a table of their answers.

``world_events.csv`` has 60 headlines of our own: events that are bad without a word of the market,
and harmless look-alikes with the same words. ``plainly_bad.csv`` has 14 that nobody doubts. The
companies are invented, or well-known ones with invented news. Labels follow ``docs/labelling.md``.
Where a row names a subject, the label is about that company; a model that can is asked about it.
"""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import table
from asking import ask

from nlp.classifier import Scores
from nlp.load import load
from nlp.settings import ModelSettings

FILES = {
    "World events": Path(__file__).with_name("world_events.csv"),
    "Plainly bad": Path(__file__).with_name("plainly_bad.csv"),
}
NAMES = ("negative", "neutral", "positive")
WRONG = "✗"
HALF = 0.5


class Event(NamedTuple):
    """A headline and what a careful reader says of it.

    Attributes:
        kind: the event, or the event that a harmless headline looks like.
        sentiment: negative, neutral or positive.
        severity: 0 (nothing bad) to 3 (catastrophic).
        subject: the company that the label is about, or empty if it is about the text.
        headline: the text.
    """

    kind: str
    sentiment: str
    severity: int
    subject: str
    headline: str


def main() -> None:
    """Ask the models, and print or write the tables."""
    options = _arguments()
    names = {
        name: model
        for name in ("before", "after", "large")
        if (model := getattr(options, name)) is not None
    }
    models = {name: load(ModelSettings(model=model)) for name, model in names.items()}
    parts = [f"{name}: {model.model_id}\n" for name, model in models.items()]
    for title, file in FILES.items():
        events = read(file)
        texts = [event.headline for event in events]
        subjects = [event.subject for event in events]
        answers = {name: ask(model, texts, subjects) for name, model in models.items()}
        lines = [f"- {name}: {summary(events, scores)}\n" for name, scores in answers.items()]
        parts.append(f"## {title}\n\n{''.join(lines)}\n{as_table(events, answers)}")
    text = "\n".join(parts)
    print(text)
    if options.markdown:
        options.markdown.write_text(text, "utf-8")


def read(file: Path) -> list[Event]:
    """Return the headlines of a file."""
    with file.open(encoding="utf-8", newline="") as lines:
        labelled = list(csv.DictReader(lines))
    return [
        Event(row["kind"], row["sentiment"], int(row["severity"]), row["subject"], row["headline"])
        for row in labelled
    ]


def sentiment(scores: Scores) -> str:
    """Return the class with the largest probability."""
    return NAMES[scores.index(max(scores[:3]))]


def summary(events: Sequence[Event], scores: Sequence[Scores]) -> str:
    """Return how many answers are right, and how far those about severity are off."""
    pairs = list(zip(events, scores, strict=True))
    counts = []
    for name in NAMES:
        own = [sentiment(answer) == name for event, answer in pairs if event.sentiment == name]
        if own:
            counts.append(f"{sum(own)} of {len(own)} {name}")
    right = sum(sentiment(answer) == event.sentiment for event, answer in pairs)
    bad = [answer.negative for event, answer in pairs if event.sentiment == "negative"]
    text = (
        f"{right} of {len(pairs)} right ({', '.join(counts)}); negative probability of the "
        f"negative ones {mean(bad):.2f}, below .50 in {sum(value < HALF for value in bad)}"
    )
    errors = [
        abs(answer.severity - event.severity)
        for event, answer in pairs
        if answer.severity is not None
    ]
    return f"{text}; severity off by {mean(errors):.2f}" if errors else text


def as_table(events: Sequence[Event], answers: dict[str, list[Scores]]) -> str:
    """Return a Markdown table with a row for each headline, and a column for each model."""
    body = []
    for index, event in enumerate(events):
        subject = f" (about {event.subject})" if event.subject else ""
        expected = f"{event.sentiment} {event.severity or ''}".strip()
        cells = [cell(event, scores[index]) for scores in answers.values()]
        body.append([f"{event.headline}{subject}", event.kind, expected, *cells])
    return table.render(["headline", "kind", "expected", *answers], body)


def cell(event: Event, scores: Scores) -> str:
    """Return an answer: negative probability, class, severity if there is one, a mark if wrong."""
    answer = sentiment(scores)
    words = [f"{scores.negative:.2f}", "unread" if scores.is_unread else answer]
    if scores.severity is not None:
        words.append(f"{scores.severity:.1f}")
    return " ".join([*words, WRONG] if answer != event.sentiment else words)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", help="a model's name or folder, as in nlp.model; none: one")
    parser.add_argument("--after", default="shipped", help="a model's name or folder")
    parser.add_argument("--large", help="the larger model, in a column of its own; none: no column")
    parser.add_argument("--markdown", type=Path, help="also write the tables to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
