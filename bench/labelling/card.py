"""Print the figures of a model for its card: ``python -m labelling.card large``.

``--write`` puts them into the card of ``shipped`` or ``large``, between the two comments. The texts
are looked up in ``../shared/data``. A model on a processor takes some minutes, a large one ten.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import agreement
import name_swap
import numpy as np
import table
import world_events
from asking import ask

from labelling.agreement import severity
from labelling.quality import DATA, answers, judge, questions
from nlp.classifier import Classifier
from nlp.evaluation.dataset import open_dataset
from nlp.evaluation.predictions import predict
from nlp.evaluation.report import make_report
from nlp.load import load
from nlp.rows.label_meanings import TWITTER, parse_meanings
from nlp.settings import ModelSettings
from nlp.tasks import TASKS, Task
from nlp.transformer.model_files import read_manifest
from nlp.transformer.model_path import PARTS_OF_NEWSQUAKE, saved_folder

CARD: Final = "MODEL_CARD.md"
END: Final = "<!-- end of figures -->"
TWEETS: Final[dict[Task, Path]] = {task: DATA / f"tfns-{task}" / "valid.csv" for task in TASKS}
TWEET_GOALS: Final = {"minilm": ("0.887", "0.845", "0.905"), "mpnet": ("0.905", "0.870", "0.915")}
"""Goals by encoder: accuracy and macro F1 of sentiment, accuracy of topics."""


class Figure(NamedTuple):
    """One row of the table."""

    name: str
    value: str
    goal: str = ""


def begin(model: str) -> str:
    """Return the comment in a card that stands before the figures."""
    return f"<!-- figures: python -m labelling.card {model} -->"


def headlines(model: Classifier, part: str) -> Iterator[Figure]:
    """Yield figures of labelled headlines: the ``held-out`` months, or the ``test`` set."""
    asked = questions(part)
    scores = answers(model, asked)
    judged = judge(asked, np.array([answer[:3] for answer in scores]))
    whole = judged.is_whole
    _, macro_f1, recall, precision = judged.measures(whole)
    (accuracy, *_) = judged.measures(~whole)
    severe = (whole & judged.is_severe).sum()
    yield Figure(f"{whole.sum():,} headlines, {part}: macro F1", f"{macro_f1:.3f}", "0.78")
    yield Figure("recall of negative, precision", f"{recall:.3f}, {precision:.3f}", "0.80, 0.72")
    yield Figure(f"severe ones ({severe}) read as negative", f"{judged.severe_found():.3f}", "0.90")
    yield Figure(f"one company of several, accuracy ({(~whole).sum()})", f"{accuracy:.3f}", "0.72")
    yield Figure("expected calibration error", f"{judged.calibration_error():.3f}", "0.03")
    if all(answer.severity is not None for answer in scores):
        truth = [severity(row.label) for row in asked]
        guess = np.array([answer.severity for answer in scores], dtype=np.float64)
        together = np.corrcoef(truth, guess)[0, 1]
        yield Figure("severity, correlation with the readers'", f"{together:.2f}")


def tweets(model: Classifier, encoder: str) -> Iterator[Figure]:
    """Yield figures of the validation parts of Twitter Financial News."""
    goals = iter(TWEET_GOALS[encoder])
    for task, path in TWEETS.items():
        dataset = open_dataset(path, task, {task: parse_meanings(TWITTER, task)})
        predictions = predict(model, dataset.texts, task)
        (judged,) = make_report(dataset, [(model.model_id, predictions)], [], seed=1).judgements
        interval = judged.accuracy_interval
        name = f"tweets, {task}: accuracy ({len(dataset.texts):,})"
        accuracy = f"{judged.measures.accuracy:.3f} ({interval.low:.3f} to {interval.high:.3f})"
        yield Figure(name, accuracy, next(goals))
        if task == "sentiment":
            yield Figure("macro F1", f"{judged.measures.macro_f1:.3f}", next(goals))
        yield Figure("expected calibration error", f"{judged.ece:.3f}")


def others(model: Classifier) -> Iterator[Figure]:
    """Yield figures of headlines that another reader labelled, and of our own."""
    rows = agreement.read()
    guesses = map(world_events.sentiment, model.classify([row.text for row in rows]))
    pairs = [(row.label, guess) for row, guess in zip(rows, guesses, strict=True)]
    agree, kappa = agreement.agreement(pairs)
    name = f"{len(rows)} headlines drawn at random: agreement, kappa"
    yield Figure(name, f"{agree:.3f}, {kappa:.2f}", "0.85, 0.65")
    for title, file in world_events.FILES.items():
        events = world_events.read(file)
        scores = ask(model, [it.headline for it in events], [it.subject for it in events])
        right = sum(
            world_events.sentiment(answer) == event.sentiment
            for event, answer in zip(events, scores, strict=True)
        )
        yield Figure(f"{title.lower()} ({len(events)} headlines): right", str(right))
    swaps = name_swap.measure(model, name_swap.read(), "company")
    large = [swap for swap in swaps if swap.change > name_swap.LARGE]
    yield Figure(
        "another company's name: swaps that change the negative probability by more than 0.10",
        f"{len(large) / len(swaps):.1%}",
        "5 %",
    )
    share = len({it.template for it in large}) / len({it.template for it in swaps})
    yield Figure("headlines of which one of 17 swaps does so", f"{share:.1%}")


def replaced(card: str, model: str, figures: str) -> str:
    """Return the card with other figures.

    Raises:
        ValueError: it has no place for them.
    """
    place = re.escape(begin(model)) + r"\n.*?" + re.escape(END)
    text, count = re.subn(place, lambda _: f"{begin(model)}\n{figures}{END}", card, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"the card has not {begin(model)} and {END} once")
    return text


def main() -> None:
    """Ask the model about everything, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="shipped, large, or a model's folder")
    parser.add_argument("--set", choices=("held-out", "test"), default="held-out")
    parser.add_argument("--write", action="store_true", help="into the card of shipped or large")
    options = parser.parse_args()
    model = load(ModelSettings(model=options.model))
    encoder = read_manifest(saved_folder(options.model)).encoder
    figures = [*headlines(model, options.set), *tweets(model, encoder), *others(model)]
    text = table.render(["", model.model_id, "goal"], figures)
    print(text)
    if options.write:
        card = PARTS_OF_NEWSQUAKE[options.model] / CARD
        card.write_text(replaced(card.read_text("utf-8"), options.model, text), "utf-8")


if __name__ == "__main__":
    main()
