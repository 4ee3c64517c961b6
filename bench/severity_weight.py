"""Try the severity of news as a weight in the detector, on the crises of `docs/events`.

``PYTHONPATH=.:bench python bench/severity_weight.py`` reads the two archives in ``../shared/data``
with the model of the settings; its scores are kept as those of ``newsquake backtest`` are. The
detector runs once with each weight and promise. Some minutes if the scores are there, else many.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

import table

from backtest.alert_history import group_by_alert
from backtest.events import read_events
from backtest.open_source import RowCounter
from backtest.scoring import Scoring, read_signals
from backtest.source import News
from detection.evaluation import Evaluation, evaluate
from detection.rule import Rule
from detection.stories.negative_weight import severity_weight
from infra.cache_dir import user_cache_dir
from infra.input.messages import read_messages
from infra.input.options import parse_options
from infra.input.read_share import ReadShare
from infra.progress.meter import Meter
from infra.settings.model import Settings, load
from nlp import load as models
from nlp.companies.finder import CompanyFinder
from nlp.score_cache import ScoreCache
from schemas.signal import Signal

ROOT: Final = Path(__file__).parents[1]
DATA: Final = ROOT.parent / "shared" / "data"
LARGE: Final = 1
"""Size of the crises that were on front pages for days."""
Weight = Callable[[float, float], float]
"""Returns the weight of a story, 0 to 1, from its negative probability and its severity."""
WEIGHTS: Final[dict[str, Weight]] = {
    "severity / 1.5, at most 1": lambda _, severity: severity_weight(severity),
    "severity / 3": lambda _, severity: severity / 3,
    "negative probability": lambda negative, _: negative,
    "probability times 1/2 + severity / 3": lambda negative, severity: (
        negative * min(0.5 + severity / 3, 1.0)
    ),
    "probability times severity / 1.5": lambda negative, severity: (
        negative * severity_weight(severity)
    ),
}
"""The first is the detector's own (`detection.stories.negative_weight`)."""
PROMISES: Final = (0.05, 0.1)


class Archive(NamedTuple):
    """Headlines with judged crises.

    Attributes:
        name: for the table.
        file: below the folder of the data.
        mapping: columns, as ``backtest --map`` takes them.
        events: the part of the events' file names that is the archive's.
    """

    name: str
    file: str
    mapping: str
    events: str


ARCHIVES: Final = {
    "reuters": Archive(
        "Reuters 2007 to 2009",
        "reuters/company_mentions_2007_2009.csv.gz",
        "headline=title,published=timestamp_utc,companies=ticker",
        "2007-2009",
    ),
    "rss": Archive(
        "RSS 2023",
        "rss-2023/headlines_2023-02_2023-04.csv",
        "headline=title,summary=description,published=published_utc",
        "2023",
    ),
}


def write_signals(settings: Settings, archive: Archive, path: Path) -> int:
    """Score an archive, write its signals as lines, and return how many have a severity."""
    with ExitStack() as stack, path.open("wb") as out:
        model = models.load(
            settings.nlp,
            wrap=lambda model: stack.enter_context(
                ScoreCache.opened(model, user_cache_dir(os.environ))
            ),
        )
        scoring = Scoring(model, CompanyFinder.load(settings.companies), settings.score)
        rows, options = RowCounter(Meter(), ReadShare([])), parse_options(archive.mapping)
        messages = read_messages([str(DATA / archive.file)], options)
        count = 0
        for signal in read_signals(messages, scoring, rows.skip, rows.mentions, options):
            out.write(signal.to_bytes() + b"\n")
            count += signal.severity is not None
    return count


def weighted(path: Path, weight: Weight) -> Iterator[Signal]:
    """Yield the signals of a file, each with the weight instead of probability and severity."""
    with path.open("rb") as lines:
        for line in lines:
            signal = Signal.from_bytes(line.rstrip(b"\n"))
            if signal.severity is None:
                yield signal
            else:
                negative = weight(signal.negative, signal.severity)
                yield signal.model_copy(update={"negative": negative, "severity": None})


def detect(rule: Rule, archive: Archive, path: Path, weight: Weight) -> Evaluation:
    """Run the detector over the signals of a file, and hold its alerts against the crises."""
    crises, harmless = (
        read_events(ROOT / "docs" / "events" / f"{name}-{archive.events}.json")
        for name in ("crises", "harmless")
    )
    source = News(weighted(path, weight), Meter(is_shown=False))
    histories = group_by_alert(source.alerts(rule, lambda _: None))
    return evaluate([history.span() for history in histories], crises, source.months, harmless)


def row(archive: Archive, name: str, promise: float, evaluation: Evaluation) -> list[str]:
    """Return a row of the table."""
    large = evaluation.among(lambda event: event.size == LARGE)
    delay = evaluation.delay
    hours = "" if delay is None else f"{delay.total_seconds() / 3600:.0f} h"
    return [
        *(archive.name, name, f"{promise:g}", str(evaluation.alerts)),
        f"{evaluation.false / evaluation.months:.4f}",
        f"{sum(map(bool, evaluation.detections))} of {len(evaluation.events)}",
        f"{sum(map(bool, large.detections))} of {len(large.events)}",
        *(hours, f"{evaluation.false_harmless} of {len(evaluation.harmless)}"),
    ]


def main() -> None:
    """Print a row for each archive and weight."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", nargs="*", default=list(ARCHIVES), help="reuters, rss")
    settings = load(None, os.environ)
    body: list[list[str]] = []
    for key in parser.parse_args().archives:
        archive = ARCHIVES[key]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "signals.jsonl"
            count = write_signals(settings, archive, path)
            print(f"{archive.name}: {count} signals with a severity", flush=True)
            for (name, weight), promise in product(WEIGHTS.items(), PROMISES):
                rule = Rule(false_alarms_per_subject_month=promise)
                body.append(row(archive, name, promise, detect(rule, archive, path, weight)))
                print(body[-1], flush=True)
    head = ["archive", "weight of a story", "promise", "alerts", "false a month"]
    head += ["crises found", "large ones"]
    print(table.render([*head, "median delay", "alerts in harmless times"], body))


if __name__ == "__main__":
    main()
