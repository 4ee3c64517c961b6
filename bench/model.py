"""Compare newsquake's models with what people would use otherwise, in headlines a second.

That is transformers' pipeline, sentence-transformers, whose embeddings are no answers yet, and
PyTorch and OpenVINO with a tokenizer alone. All run the same encoder. Every contender runs in a
process of its own, in turn: it loads, warms up on other headlines and scores the sample once. On a
machine with a GPU all but OpenVINO use it.
"""

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import bare_encoder
import earlier
import results
import table
from headlines import FILE, sample
from model_runs import Run, earlier_runs, run_alone

OURS = ("fp32", "bf16", "int8", "compiled")
NEEDS_BF16 = frozenset({"bf16", "compiled"})
BASIS = "fp32"
PIPELINES = {"pipeline": 1, "pipeline64": 64}
BARE = ("torch", "openvino", "sentence")
NAMES = {
    "fp32": "Newsquake, fp32",
    "bf16": "Newsquake, bf16",
    "int8": "Newsquake, int8 a token",
    "compiled": "Newsquake, bf16, compiled",
    "pipeline": "transformers.pipeline, one text at a time",
    "pipeline64": "transformers.pipeline, batch_size=64",
    "sentence": "sentence-transformers, embeddings alone, batch_size=64",
    "torch": "bare PyTorch fp32, batches of 64",
    "openvino": "bare OpenVINO, its own precision, batches of 64",
}
OF = " of "
"""Stands between a contender and the name of a model to compare with."""
_WARM_UP = 200


def main() -> None:
    """Run every contender in turn and print the table; with ``--one``, run that one here."""
    options = _arguments()
    if options.one:
        print(json.dumps(_measure(options.one, options)))
        return
    contenders, note = available(options.contenders)
    pairs = [
        (name, model)
        for name in contenders
        for model in (options.model, *(options.against if name in OURS else ()))
    ]
    runs = earlier_runs(options.runs)
    for _ in range(options.repetitions):
        runs += [_spawn(name, model, options) for name, model in pairs]
        runs += [_spawn_earlier(options)] if options.earlier else []
    repetitions = max(Counter(run.name for run in runs).values())
    title = (
        f"{options.count:,} headlines on {_device()}, {repetitions} runs each in turn; "
        f"median (smallest\u2013largest).{note}"
    )
    kept = [{**run._asdict(), "labels": len(run.labels)} for run in runs]
    results.publish(title, _table(runs, options.default), kept, options)


def _table(runs: Sequence[Run], ours: str) -> str:
    by_name: dict[str, list[Run]] = {}
    for run in runs:
        by_name.setdefault(run.name, []).append(run)
    mine = median(run.rate for run in by_name[ours])
    head = ["", "headlines/s", "ratio", "labels as fp32", "peak MB", "load s"]
    rows = [
        _row(name, own_runs, mine, by_name.get(_basis(name), [None])[0])
        for name, own_runs in by_name.items()
    ]
    return table.render(head, rows)


def _row(name: str, runs: Sequence[Run], mine: float, basis: Run | None) -> list[str]:
    rate = median(run.rate for run in runs)
    return [
        _title(name),
        table.spread([run.rate for run in runs]),
        f"{mine / rate:.2f}",
        _agreement(runs[0], basis),
        f"{max(run.peak for run in runs):.0f}",
        f"{median(run.load for run in runs):.1f}",
    ]


def _basis(name: str) -> str:
    """Return the name of the contender whose labels those of ``name`` should be."""
    contender, of, model = name.partition(OF)
    return f"{BASIS}{of}{model}" if contender in NAMES else ""


def _title(name: str) -> str:
    contender, of, model = name.partition(OF)
    return f"{NAMES.get(contender, contender)}{of}{model}"


def _agreement(run: Run, basis: Run | None) -> str:
    if not run.labels or basis is None:
        return ""
    pairs = list(zip(run.labels, basis.labels, strict=True))
    shares = [sum(a[task] == b[task] for a, b in pairs) / len(pairs) for task in (0, 1)]
    return " / ".join(f"{100 * share:.2f} %" for share in shares)


def _spawn(name: str, model: str, options: argparse.Namespace) -> Run:
    run = run_alone(Path(__file__), name, model, options)
    if model != options.model:
        run = run._replace(name=f"{name}{OF}{Path(model).name}")
    return _keep(run, options)


def _spawn_earlier(options: argparse.Namespace) -> Run:
    """Run the shipped model of an earlier release, by that release's own benchmark."""
    checkout = options.earlier
    script, own = checkout.resolve() / "bench/model.py", earlier.environment(checkout)
    run = run_alone(script, BASIS, "shipped", options, own)
    return _keep(run._replace(name=f"{earlier.title(checkout)}, {BASIS}"), options)


def _keep(run: Run, options: argparse.Namespace) -> Run:
    print(f"{_title(run.name)}: {run.rate:,.0f} headlines/s, {run.peak:.0f} MB", flush=True)
    if options.runs:
        with options.runs.open("a") as file:
            print(json.dumps(run), file=file)
    return run


def _measure(name: str, options: argparse.Namespace) -> Run:
    texts = sample(options.count + _WARM_UP, options.headlines)
    began = time.perf_counter()
    score = _newsquake(name, options.model) if name in OURS else _other(name)
    load = time.perf_counter() - began
    score(texts[options.count :])
    began = time.perf_counter()
    labels = score(texts[: options.count])
    rate = options.count / (time.perf_counter() - began)
    return Run(name, rate, _peak(), load, labels)


def available(names: Sequence[str]) -> tuple[list[str], str]:
    """Return the contenders that can run here, and a sentence about each that can't."""
    from nlp.inference.torch_runtime import choose_device, is_bf16_fast

    kept, note = list(names), ""
    if "sentence" in kept and not find_spec("sentence_transformers"):
        kept.remove("sentence")
        note += " sentence-transformers is left out: it is not installed."
    if not is_bf16_fast(choose_device("auto")) and not NEEDS_BF16.isdisjoint(kept):
        kept = [name for name in kept if name not in NEEDS_BF16]
        note += " bf16 is left out: this processor has none."
    return kept, note


def _newsquake(mode: str, model: str) -> bare_encoder.Score:
    from nlp.load import load
    from nlp.settings import ModelSettings

    compiled = mode == "compiled"
    dtype: Any = "bf16" if compiled else mode
    classifier = load(ModelSettings(model=model, dtype=dtype, compile=compiled))

    def score(texts: list[str]) -> list[tuple[int, int]]:
        return [
            (label(scores[:3]), label(list(scores.topics.values())))
            for scores in classifier.classify(texts)
        ]

    return score


def _other(name: str) -> bare_encoder.Score:
    return bare_encoder.contender(name) if name in BARE else _pipeline(PIPELINES[name])


def _pipeline(batch: int) -> bare_encoder.Score:
    """Return a function that runs the same encoder by transformers, like its manual says."""
    import torch
    import transformers

    with TemporaryDirectory() as folder:
        bare_encoder.save_encoder(folder)
        device = 0 if torch.cuda.is_available() else -1
        pipe = transformers.pipeline("text-classification", model=folder, device=device)

    def score(texts: list[str]) -> list[tuple[int, int]]:
        if batch == 1:
            for text in texts:
                pipe(text, truncation=True, top_k=None)
        else:
            pipe(texts, batch_size=batch, truncation=True, top_k=None)
        return []

    return score


def label(values: Sequence[float]) -> int:
    """Return the index of the largest value, -1 of none: what no model reads has no topics."""
    return max(range(len(values)), key=values.__getitem__, default=-1)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _device() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--contenders", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--default", choices=OURS, default=BASIS, help="compared with the others")
    parser.add_argument("--model", default="shipped")
    parser.add_argument("--against", nargs="*", default=[], help="other models, in turn with it")
    parser.add_argument("--headlines", type=Path, default=FILE)
    earlier.add_option(parser)
    results.add_options(parser)
    parser.add_argument("--runs", type=Path, metavar="FILE", help="add to the runs kept there")
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
