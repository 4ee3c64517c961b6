"""The measurements of the model on a graphics card, in the process that `gpu_run.py` watches.

Each phase yields rows, which go to that process one by one: what was measured before a phase failed
or was ended is kept. The phases of the network alone need PyTorch only, since the headlines come as
token ids; the others need the packed libraries as well.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from gpu_card import busy_share
from gpu_network import MODES, network
from gpu_setup import Bench, Row

if TYPE_CHECKING:
    from torch import Tensor

    from nlp.classifier import Scores


def main() -> None:
    """Run the phases that the arguments name; print what they yield as lines of JSON."""
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no row
    folder, options, *names = sys.argv[1:]
    bench = Bench(Path(folder), json.loads(options))
    if bench.device == "cpu":  # where this is tried out only, and others need the cores
        torch.set_num_threads(1)

    def send(**fields: Any) -> None:
        lines.write(json.dumps(fields) + "\n")

    send(machine=machine(bench.device))
    for name in names:
        for row in PHASES[name](bench):
            send(row=row)
        send(done=name)


def machine(device: str) -> Row:
    """Return the names and versions that figures depend on."""
    card = torch.cuda.get_device_name() if device == "cuda" else "none"
    cuda = torch.version.cuda if device == "cuda" else None
    versions = {"torch": torch.__version__, "cuda": cuda, "python": platform.python_version()}
    return {"device": device, "card": card, "cores": os.cpu_count(), **versions}


def peak(bench: Bench) -> Iterator[Row]:
    """Yield the speed of a large product of matrices in each precision."""
    size, times = (8_192, 10) if bench.device == "cuda" else (256, 2)
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        matrix = torch.randn(size, size, device=bench.device).to(dtype)

        def work(matrix: "Tensor" = matrix) -> None:
            for _ in range(times):
                matrix @ matrix

        work()
        yield {"dtype": name, "tflops": times * 2 * size**3 / bench.seconds_of(work) / 1e12}


def answers(bench: Bench) -> Iterator[Row]:
    """Yield how the model's answers differ from those of the machine that packed it."""
    from nlp.tasks import carried_topics

    sample = bench.sample
    count = len(sample.answers)
    for dtype in ("fp32", "bf16"):
        scores: list[Scores] = bench.model(dtype).classify(sample.texts[:count])
        pairs = list(zip((each[:3] for each in scores), sample.answers, strict=True))
        same_topics = (sorted(carried_topics(each)) for each in scores)
        yield {
            "dtype": dtype,
            "compared": count,
            "difference": max(
                abs(ours - theirs) for pair in pairs for ours, theirs in zip(*pair, strict=True)
            ),
            "sentiments": sum(_likeliest(a) == _likeliest(b) for a, b in pairs) / count,
            "topics": sum(map(list.__eq__, same_topics, sample.topics)) / count,
        }


def _likeliest(values: Sequence[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)


def whole_model(bench: Bench) -> Iterator[Row]:
    """Yield the headlines a second from text to scores."""
    model, texts = bench.model(bench.best_dtype), bench.sample.texts
    model.classify(texts)
    with busy_share(bench.device) as busy:
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < bench.turn:
            model.classify(texts)
            count += len(texts)
        rate = count / (time.perf_counter() - began)
    yield {"dtype": bench.best_dtype, "rate": rate, "busy": busy()}


def worker(bench: Bench) -> Iterator[Row]:
    """Yield the articles a second of the agent `score`, fed from memory."""
    import asyncio

    from gpu_worker import feed

    model = bench.model(bench.best_dtype)
    # As many as a fetch of a worker brings; a processor only tries it out.
    size = 1_000 if bench.device == "cuda" else 32
    row = asyncio.run(feed(model, bench.sample.texts, size, bench))
    yield {"dtype": bench.best_dtype, **row}


PHASES: Final[dict[str, Callable[[Bench], Iterator[Row]]]] = {
    "peak": peak,
    "answers": answers,
    **{mode: partial(network, mode) for mode in MODES},
    "model": whole_model,
    "worker": worker,
}

if __name__ == "__main__":
    main()
