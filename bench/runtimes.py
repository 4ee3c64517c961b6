"""Compare the runtimes of the shipped model on one thread, in headlines a second of CPU time.

Every contender runs in a process of its own, one after the other. CPU time is that of the whole
process, tokens and n-grams included, so that what else the machine does hardly matters. Labels are
the final ones, the sentiment and the topics that a text carries, compared with those of the first
contender.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from statistics import median
from typing import NamedTuple

import results
import table
from headlines import FILE, sample

CONTENDERS = (
    "torch fp32",
    "openvino fp32",
    "torch bf16",
    "openvino bf16",
    "torch int8",
)
_WARM_UP = 200


class Run(NamedTuple):
    """A run of a contender.

    Attributes:
        name: runtime and precision.
        rate: headlines a second of CPU time.
        resident: megabytes of the process once the model has answered.
        load: seconds of CPU time until the model has answered for the first time, imports included.
        sentiments: the likeliest sentiment of each headline.
        topics: the topics that each headline carries.
    """

    name: str
    rate: float
    resident: float
    load: float
    sentiments: list[int]
    topics: list[list[str]]


def main() -> None:
    """Run every contender in turn and print the table; with ``--one``, run that one here."""
    options = _arguments()
    if options.one:
        print(json.dumps(_measure(options.one, options)))
        return
    turns = product(range(options.repetitions), options.contenders)
    runs = [_spawn(name, options) for _, name in turns]
    title = (
        f"{options.count:,} headlines, one thread, {options.repetitions} runs each in turn; median "
        "(smallest\u2013largest) of headlines a second of CPU time."
    )
    figures = ("name", "rate", "resident", "load")
    kept = [{name: getattr(run, name) for name in figures} for run in runs]
    results.publish(title, _table(runs), kept, options)


def _table(runs: list[Run]) -> str:
    basis = runs[0]
    head = ["", "headlines/CPU s", "ratio", "labels as the first", "resident MB", "load CPU s"]
    rows = []
    for name in dict.fromkeys(run.name for run in runs):
        own = [run for run in runs if run.name == name]
        shares = (
            sum(map(list.__eq__, ours, theirs)) / len(ours)
            for ours, theirs in (
                ([[n] for n in own[0].sentiments], [[n] for n in basis.sentiments]),
                (own[0].topics, basis.topics),
            )
        )
        rate = median(run.rate for run in own)
        first = median(run.rate for run in runs if run.name == basis.name)
        rows.append(
            [
                name,
                table.spread([run.rate for run in own]),
                f"{rate / first:.2f}",
                " / ".join(f"{100 * share:.2f} %" for share in shares),
                f"{max(run.resident for run in own):.0f}",
                f"{median(run.load for run in own):.1f}",
            ]
        )
    return table.render(head, rows)


def _spawn(name: str, options: argparse.Namespace) -> Run:
    argv = [sys.executable, __file__, "--one", name, "--count", str(options.count)]
    argv += ["--headlines", str(options.headlines)]
    argv += ["--cache", str(options.cache)] if options.cache else []
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True)
    run = Run(*json.loads(done.stdout.splitlines()[-1]))
    print(
        f"{name}: {run.rate:,.0f}/CPU s, {run.resident:.0f} MB, loaded in {run.load:.1f} CPU s",
        flush=True,
    )
    return run


def _measure(name: str, options: argparse.Namespace) -> Run:
    texts = sample(options.count + _WARM_UP, options.headlines)
    began = time.process_time()
    from nlp.load import load
    from nlp.settings import ModelSettings
    from nlp.tasks import carried_topics

    runtime, dtype = name.split()
    settings = {"runtime": runtime, "dtype": dtype, "cache": options.cache}
    settings |= {"device": "cpu", "threads": 1}
    model = load(ModelSettings.model_validate(settings))
    load_seconds = time.process_time() - began
    if runtime != "torch" and "torch" in sys.modules:
        raise SystemExit("PyTorch was imported")
    model.classify(texts[options.count :])
    began = time.process_time()
    answers = model.classify(texts[: options.count])
    rate = options.count / (time.process_time() - began)
    sentiments = [scores[:3].index(max(scores[:3])) for scores in answers]
    topics = [sorted(carried_topics(scores)) for scores in answers]
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    resident = pages * resource.getpagesize() / 1e6
    return Run(name, rate, resident, load_seconds, sentiments, topics)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--headlines", type=Path, default=FILE)
    parser.add_argument("--cache", type=Path, help="folder of prepared models; none: prepare each")
    results.add_options(parser)
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
