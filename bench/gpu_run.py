"""Measure the model on this machine's accelerator. `gpu.py` packs this with all that it needs.

Four things are measured, until the time is up: the network alone, in several precisions and batch
sizes; the whole model, from texts to scores; and the agent `score`, fed from memory.
"""

import argparse
import asyncio
import json
import platform
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from gpu_model import Network
    from torch import Tensor

SIZES: Final = (32, 128, 512, 2_048, 8_192, 32_768)
MODES: Final = ("fp32", "bf16", "bf16 graph", "bf16 compiled")
SITE: Final = "site"
MODEL: Final = "model"
SAMPLE: Final = "sample.json"
_SATURATED: Final = 1.03
"""A larger batch that is not faster by this factor is the last one."""
_TOLERANCE: Final = 0.02
"""The largest difference to the packing machine's probabilities: the weights are halved."""
_CALL: Final = 1_000
"""Articles in a call of the agent, as in a worker."""
_PARTITIONS: Final = 4


class Sample(NamedTuple):
    """Texts to score.

    Attributes:
        texts: headlines.
        expected: the packing machine's negative and positive probability of the first ones.
    """

    texts: list[str]
    expected: list[list[float]]


class Clock:
    """The time that may still be used."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def has(self, seconds: float) -> bool:
        """Return whether so many seconds are left."""
        return time.monotonic() + seconds < self._end


def main() -> None:
    """Unpack, measure, and print the tables."""
    options = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(sys.argv[0]) as archive:
            archive.extractall(folder)
        sys.path.insert(0, str(Path(folder, SITE)))
        report = measure(Path(folder), options)
    text = render(report)
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "gpu.json").write_text(json.dumps(report, indent=1))
        (options.out / "gpu.md").write_text(text)
    if report["difference"] > _TOLERANCE:
        sys.exit(f"the answers differ by {report['difference']:.3f}: the figures mean nothing")


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure everything and return the figures."""
    import torch
    from gpu_model import read_network

    from nlp.settings import ModelSettings
    from nlp.transformer.transformer import Transformer

    clock = Clock(options.seconds)
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    sample = Sample(**json.loads((folder / SAMPLE).read_text()))
    network = read_network(folder / MODEL)

    def model(dtype: str) -> Any:
        from gpu_model import BareRuntime

        runtime = BareRuntime(network, device, dtype)
        return Transformer(folder / MODEL, ModelSettings(), runtime)

    exact = model("fp32")
    report: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if device == "cuda" else device,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "difference": difference(exact, sample),
        "peak": peak(device),
    }
    windows = tokens(exact, sample.texts)
    report["tokens"] = mean(map(len, windows))
    setup = Setup(network, windows, device, options.turn)
    report["network"] = list(networks(setup, options.sizes, clock))
    classifier = model("bf16" if device == "cuda" else "fp32")
    with utilisation() as busy:
        report["model"] = whole_model(classifier, sample.texts, options.turn)
    report["model_busy"] = busy()
    with utilisation() as busy:
        report["agent"] = asyncio.run(agent(classifier, sample.texts, options.turn))
    report["agent_busy"] = busy()
    return report


def difference(model: Any, sample: Sample) -> float:
    """Return the largest difference of a probability to that of the packing machine."""
    answers = model.classify(sample.texts[: len(sample.expected)])
    return max(
        max(abs(answer.negative - negative), abs(answer.positive - positive))
        for answer, (negative, positive) in zip(answers, sample.expected, strict=True)
    )


def peak(device: str) -> float:
    """Return the speed of a large bf16 product of matrices, in TFLOP/s."""
    import torch

    size, times = (8_192, 10) if device == "cuda" else (512, 3)
    matrix = torch.randn(size, size, device=device, dtype=torch.bfloat16)

    def work() -> None:
        for _ in range(times):
            matrix @ matrix

    work()
    return times * 2 * size**3 / seconds_of(work, device) / 1e12


def seconds_of(work: Callable[[], None], device: str) -> float:
    """Return how long ``work`` takes until the device has done it."""
    import torch

    wait = torch.cuda.synchronize if device == "cuda" else bool
    wait()
    began = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - began


def tokens(model: Any, texts: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each text, from the shortest to the longest."""
    prepared = model._tokens.prepare(texts)  # noqa: SLF001 - the network's inputs, as the model makes them
    return sorted((window.ids for window in prepared.windows), key=len)


class Setup(NamedTuple):
    """What the network alone is measured with.

    Attributes:
        network: in fp32, on the CPU.
        windows: token ids of the headlines, from the shortest to the longest.
        device: where it is measured.
        seconds: of each measurement.
    """

    network: "Network"
    windows: Sequence[Sequence[int]]
    device: str
    seconds: float


def networks(setup: Setup, sizes: Sequence[int], clock: Clock) -> Iterator[dict[str, Any]]:
    """Yield the windows a second of the network alone, for each mode and size."""
    work = mean(setup.network.products(len(window)) for window in setup.windows)
    for mode in MODES if setup.device == "cuda" else MODES[:2]:
        best = 0.0
        for size in sizes:
            if not clock.has(setup.seconds * 3):
                print(f"{mode}, {size}: not measured, the time was up", flush=True)
                break
            rate = network_rate(setup, mode, size)
            yield {"mode": mode, "size": size, "rate": rate, "tflops": rate * work / 1e12}
            print(f"{mode}, {size} windows: {rate:,.0f}/s", flush=True)
            if rate < best * _SATURATED:
                break
            best = max(best, rate)


def network_rate(setup: Setup, mode: str, size: int) -> float:
    """Return the windows a second of one mode in batches of one size, the inputs on the device."""
    import torch
    from gpu_model import padded, placed

    device = setup.device
    module = placed(setup.network, device, mode.partition(" ")[0])
    forward: Any = torch.compile(module, dynamic=True) if mode.endswith("compiled") else module
    batches = [padded(part).to(device) for part in sized(setup.windows, size)]
    with torch.inference_mode():
        for batch in batches:
            forward(batch)
        if mode.endswith("graph"):
            replays = [captured(module, batch) for batch in batches]
        else:
            replays = [partial(forward, batch) for batch in batches]

        def turns(count: int) -> None:
            for _ in range(count):
                for replay in replays:
                    replay()

        count = max(1, round(setup.seconds / seconds_of(partial(turns, 1), device)))
        took = seconds_of(partial(turns, count), device)
    return count * size * len(batches) / took


def sized(windows: Sequence[Sequence[int]], size: int) -> list[Sequence[Sequence[int]]]:
    """Return batches of ``size`` windows of like lengths: a short, a middling and a long one.

    A sample with fewer windows than a batch is repeated.
    """
    times = -(-3 * size // len(windows))
    repeated = [window for window in windows for _ in range(times)]
    starts = (0, (len(repeated) - size) // 2, len(repeated) - size)
    return [repeated[start : start + size] for start in starts]


def captured(module: Any, batch: "Tensor") -> Callable[[], None]:
    """Return the replay of a CUDA graph of one forward pass."""
    import torch

    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            module(batch)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        module(batch)
    replay: Callable[[], None] = graph.replay
    return replay


def whole_model(model: Any, texts: Sequence[str], seconds: float) -> float:
    """Return the texts a second, from text to scores."""
    model.classify(texts)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        model.classify(texts)
        count += len(texts)
    return count / (time.perf_counter() - began)


async def agent(model: Any, texts: Sequence[str], seconds: float) -> float:
    """Return the articles a second of the agent `score`, which is given records as by its pump.

    While it decides about one batch, the model reads the next one.
    """
    from agents.score import Score
    from agents.scoring.deduplicate import DedupeSettings
    from nlp.companies.finder import CompanyFinder
    from nlp.companies.settings import CompanySettings
    from streams.core.handler import Batch

    handler = Score(
        "scored", "signals", model, DedupeSettings(), CompanyFinder.load(CompanySettings())
    )
    memories = [handler.recall(partition, ()) for partition in range(_PARTITIONS)]
    calls = records(texts)

    def batches() -> list[Batch[Any]]:
        by_partition = next(calls)
        return [
            Batch(partition, part, memories[partition], 0)
            for partition, part in enumerate(by_partition)
        ]

    current = batches()
    await handler.handle(current)
    current, count = batches(), 0
    handler.prefetch(current)
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        following = batches()
        handler.prefetch(following)
        decisions = await handler.handle(current)
        scored = sum(message.topic == "scored" for each in decisions for message in each.messages)
        if scored != _CALL:
            raise SystemExit(f"{scored} of {_CALL} articles were scored")
        count, current = count + scored, following
    return count / (time.perf_counter() - began)


def records(texts: Sequence[str]) -> Iterator[list[list[Any]]]:
    """Yield the records of one call after the other, by partition; no article comes twice."""
    from datetime import UTC, datetime, timedelta

    from schemas.article import Article
    from streams.core.record import Stored

    start, number = datetime(2024, 1, 1, tzinfo=UTC), 0
    offsets = [0] * _PARTITIONS
    while True:
        by_partition: list[list[Any]] = [[] for _ in range(_PARTITIONS)]
        for _ in range(_CALL):
            partition = number % _PARTITIONS
            # Another word at the end: else the agent would know the headline again.
            article = Article(
                key=f"{number}",
                source="bench",
                headline=f"{texts[number % len(texts)]} {number // len(texts)}",
                published=start + timedelta(seconds=number),
            )
            by_partition[partition].append(
                Stored("accepted", partition, offsets[partition], 0, b"", article.to_bytes(), ())
            )
            offsets[partition] += 1
            number += 1
        yield by_partition


@contextmanager
def utilisation() -> Iterator[Callable[[], str]]:
    """Give a function that returns the share of time in which the card worked, as its tool says."""
    shares: list[int] = []
    running = True

    def sample_card() -> None:
        command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        while running:
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=True)
            except (OSError, subprocess.CalledProcessError):
                return
            shares.append(int(done.stdout.split()[0]))
            time.sleep(0.3)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(sample_card)
        try:
            yield lambda: f"{mean(shares):.0f} %" if shares else "not known"
        finally:
            running = False


def render(report: dict[str, Any]) -> str:
    """Return the tables in Markdown."""
    body = "".join(
        f"| {row['mode']} | {row['size']} | {row['rate']:,.0f} | {row['tflops']:.1f} "
        f"| {row['tflops'] / report['peak']:.0%} |\n"
        for row in report["network"]
    )
    return f"""\
| network alone | windows in a batch | headlines/s | TFLOP/s | of the peak |
| --- | --- | --- | --- | --- |
{body}
| | headlines/s | card at work |
| --- | --- | --- |
| the model, from text to scores | {report["model"]:,.0f} | {report["model_busy"]} |
| the agent score, fed from memory | {report["agent"]:,.0f} | {report["agent_busy"]} |

{report["device"]}, torch {report["torch"]}, Python {report["python"]}; \
{report["tokens"]:.1f} tokens a headline; peak of a bf16 product {report["peak"]:.1f} TFLOP/s; \
the answers differ by at most {report["difference"]:.4f}.
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", help="cuda or cpu (default: cuda if there is one)")
    parser.add_argument("--seconds", type=float, default=400, help="for the network alone")
    parser.add_argument("--turn", type=float, default=3.0, help="seconds of each measurement")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="windows in a batch")
    parser.add_argument("--out", type=Path, help="folder for gpu.json and gpu.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
