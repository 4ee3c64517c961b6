"""Train newsquake's own model on tweets and headlines: ``python -m labelling.fit FOLDER``.

The labelled headlines (`labels.csv`) and the public tweets are looked up in ``../shared/data``. The
months of `HELD_OUT_MONTHS` are not learnt: the best epoch is chosen and the probabilities are
calibrated by them. The test set, and the headlines of ``real_headlines.csv``, are not looked at.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, get_args

from labelling.agreement import LABELS, sentiment, severity
from labelling.distil import taught
from labelling.join import TEXT
from labelling.names import company_names, mention
from labelling.quality import CLASSES, DATA, HELD_OUT_MONTHS
from labelling.sample import read_archives
from nlp.companies.company_list import NameReading
from nlp.companies.masking import NameMasking
from nlp.labelled_rows import Row, read
from nlp.metrics import Metrics
from nlp.normalise import normalise
from nlp.rows.label_meanings import TWITTER, parse_meanings
from nlp.tasks import Head, Task
from nlp.training.examples import Example, merge_rows, random_split, vary_names
from nlp.training.places import vary_places
from nlp.training.progress import EpochResult
from nlp.training.recipe import Recipe
from nlp.training.run import TrainingJob, fit_split

SMALL: Final = Recipe(epochs=3, names="masked")
"""Recipe of the shipped model."""
LARGE: Final = Recipe(
    encoder="mpnet",
    method="lora",
    rank=16,
    alpha=32.0,
    epochs=1,
    rate=3e-4,
    names="masked",
    precision="fp32",
)
"""Recipe of the larger model: adapters of 5.3 MB; fp32 is faster than bf16 to train on a CPU."""
SECOND: Final = Recipe(epochs=1, rate=3e-4, head_rate=2e-3, smoothing=0.05, precision="fp32")
"""Recipe that continues a model trained by `LARGE`."""
STUDENT: Final = Recipe(epochs=1, delta_step=1e-3)
"""Recipe that continues a model trained by `SMALL`, or its lowest layers, with a teacher."""


class Mix(NamedTuple):
    """Composition of an epoch.

    Attributes:
        varied: Share of the headlines that are learnt again under other names.
        repeated: Times that it has a tweet: there are four times as many headlines.
        headlines: Share of the headlines that it has.
    """

    varied: float
    repeated: int
    headlines: float = 1.0


SMALL_MIX: Final = Mix(varied=1.0, repeated=2)
STUDENT_MIX: Final = Mix(varied=0.0, repeated=2, headlines=0.6)
LARGE_MIX: Final = Mix(varied=0.0, repeated=1)
SECOND_MIX: Final = Mix(varied=0.0, repeated=1, headlines=0.08)
"""What follows `LARGE_MIX`: mostly tweets, since the first epoch hardly teaches their topics."""
ELSEWHERE: Final = 0.4
"""Share of the headlines that are learnt with other places."""
EARLIER: Final = Path(__file__).parents[1] / "real_headlines.csv"
TWEETS: Final[dict[Task, str]] = {"sentiment": "tfns-sentiment", "topic": "tfns-topic"}


class Headline(NamedTuple):
    """A labelled headline, as one example or several.

    Attributes:
        day: ISO date.
        text: The headline.
        examples: What is learnt of it.
    """

    day: str
    text: str
    examples: list[Example]


def headlines(data: Path = DATA) -> Iterator[Headline]:
    """Yield the labelled headlines of the training set."""
    titles = {row.id: row.title for rows in read_archives(data).values() for row in rows}
    names = company_names()
    with LABELS.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["set"] == "train"]
    targets: dict[str, int] = {}
    for row in rows:
        targets[row["id"]] = targets.get(row["id"], 0) + (row["target"] != TEXT)
    for row in rows:
        if row["label"] == "x":
            continue
        text = normalise(titles[row["id"]])
        labels: dict[Head, int] = {
            "sentiment": CLASSES.index(sentiment(row["label"])),
            "severity": severity(row["label"]),
        }
        examples: list[Example] = []
        if row["target"] == TEXT or targets[row["id"]] == 1:
            examples.append(Example(text, labels))
        if row["target"] != TEXT:
            examples.append(Example(text, labels, mention(text, names.get(row["target"], ()))))
        yield Headline(row["day"], titles[row["id"]], [it for it in examples if it])


def tweets(data: Path = DATA) -> dict[Task, Sequence[Row]]:
    """Return the tweets of each task that may be learnt."""
    return {
        task: read(data / folder / "train.csv", task, parse_meanings(TWITTER, task)).rows
        for task, folder in TWEETS.items()
    }


def sets(
    recipe: Recipe, mix: Mix = SMALL_MIX, data: Path = DATA, seed: int = 1
) -> tuple[list[Example], list[Example]]:
    """Return what is learnt by a recipe and what is held out."""
    with EARLIER.open(newline="") as lines:
        earlier = {row["id"] for row in csv.DictReader(lines)}
    training: list[Example] = []
    held_out: list[Example] = []
    for headline in headlines(data):
        if headline.day[:7] in HELD_OUT_MONTHS:
            held_out += headline.examples
        elif sha256(headline.text.encode()).hexdigest()[:16] not in earlier:
            training += headline.examples
    training = random_split(training, 1.0 - mix.headlines, seed)[0]
    training = vary_places(training, ELSEWHERE, seed)
    training += vary_names(training, mix.varied, seed, NameMasking.of(recipe.names))
    learnt, held_out_tweets = random_split(merge_rows(tweets(data)), 0.05, seed)
    return [*training, *learnt * mix.repeated], [*held_out, *held_out_tweets]


def main() -> None:
    """Train, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--large", action="store_true", help="adapters of the larger encoder")
    parser.add_argument("--init", type=Path, help="continue this model")
    parser.add_argument("--taught", type=Path, help="answers of a teacher, from labelling.distil")
    parser.add_argument("--layers", type=int, default=0, help="keep the lowest only (0: all)")
    parser.add_argument("--headlines", type=float, help="share of the labelled headlines")
    parser.add_argument("--tweets", type=int, help="times that an epoch has a tweet")
    parser.add_argument("--names", choices=get_args(NameReading), help="how the model reads them")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    recipe, mix = (LARGE, LARGE_MIX) if options.large else (SMALL, SMALL_MIX)
    if options.init:
        recipe, mix = (SECOND, SECOND_MIX) if options.large else (STUDENT, STUDENT_MIX)
    changes = {"layers": options.layers, "seed": options.seed, "names": options.names}
    recipe = recipe.model_copy(update={name: it for name, it in changes.items() if it})
    given = {"headlines": options.headlines, "repeated": options.tweets}
    mix = mix._replace(**{name: it for name, it in given.items() if it is not None})
    training, held_out = sets(recipe, mix)
    training += taught(options.taught) if options.taught else ()
    print(f"{len(training)} texts to learn, {len(held_out)} held out", flush=True)
    job = TrainingJob(recipe=recipe, out=options.out, init=options.init, listener=Printed())
    fit_split(training, held_out, job)


class Printed:
    """Prints what a training run reports."""

    def __init__(self) -> None:
        self._steps = 0

    def start_scored(self, model: str, scores: Mapping[Task, Metrics]) -> None:
        """Print the scores of the model that is continued."""
        print(model, scores, flush=True)

    def result_scored(self, scores: Mapping[Task, Metrics]) -> None:
        """Print the scores."""
        print(scores, flush=True)

    def run_started(self, steps: int, done: int) -> None:
        """Print the number of steps."""
        print(f"{steps} steps, {done} done", flush=True)

    def step_finished(self, loss: float, rate: float) -> None:
        """Print the loss of each hundredth step."""
        self._steps += 1
        if self._steps % 100 == 0:
            print(f"step {self._steps}: loss {loss:.3f}, rate {rate:.2e}", flush=True)

    def epoch_finished(self, epoch: EpochResult) -> None:
        """Print an epoch's scores."""
        print(epoch, flush=True)


if __name__ == "__main__":
    main()
