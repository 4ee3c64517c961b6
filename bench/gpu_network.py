"""The network alone, without texts and scores: windows a second in batches of one size."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import torch
from gpu_card import busy_share
from gpu_model import Network, padded, placed
from gpu_setup import Bench, Row

if TYPE_CHECKING:
    from torch import Tensor

MODES: Final = ("fp32", "bf16", "bf16 graph", "bf16 compiled")
_SATURATED: Final = 1.03
"""A larger batch that is not faster by this factor is the last one."""
_STRATA: Final = 8
"""Batches of each size: from the shortest to the longest headlines, in equal steps."""


def network(mode: str, bench: Bench) -> Iterator[Row]:
    """Yield the speed of the network alone for each size of a batch, until it rises no more."""
    if bench.device == "cpu" and " " in mode:
        yield {"note": "left out, it says nothing about a processor"}
        return
    until = time.monotonic() + 0.9 * bench.limits[mode]
    module = placed(bench.network, bench.device, mode.partition(" ")[0])
    forward: Any = torch.compile(module, dynamic=True) if mode.endswith("compiled") else module
    best = 0.0
    for size in bench.sizes:
        # A size is gone through at least three times: to warm up, to count turns, and to measure.
        needed = 3 * _STRATA * size / best if best else 0.0
        if time.monotonic() + needed > until:
            yield {"note": f"batches of {size:,} and more were not measured: the time was up"}
            return
        try:
            row = _speed(bench, forward, size, graphs=mode.endswith("graph"))
        except torch.OutOfMemoryError:
            yield {"note": f"batches of {size:,} do not fit the memory"}
            return
        yield row
        if row["rate"] < best * _SATURATED:
            return
        best = max(best, row["rate"])


def _speed(bench: Bench, forward: Any, size: int, *, graphs: bool) -> Row:
    """Measure batches of one size; the token ids are on the device."""
    batches = strata(bench.sample.windows, size)
    ids = [padded(batch, bench.network.padding).to(bench.device) for batch in batches]
    with torch.inference_mode():
        for each in ids:
            forward(each)
        replays = [captured(forward, each) if graphs else partial(forward, each) for each in ids]

        def turns(count: int) -> None:
            for _ in range(count):
                for replay in replays:
                    replay()

        count = max(1, round(bench.turn / bench.seconds_of(partial(turns, 1))))
        with busy_share(bench.device) as busy:
            seconds = bench.seconds_of(partial(turns, count))
    # Padding is no work that anybody asked for.
    lengths = Counter(len(window) for batch in batches for window in batch)
    useful = sum(bench.network.products(length) * number for length, number in lengths.items())
    return {
        "size": size,
        "rate": count * size * len(batches) / seconds,
        "tflops": count * useful / seconds / 1e12,
        "busy": busy(),
    }


def strata(windows: Sequence[Sequence[int]], size: int) -> list[Sequence[Sequence[int]]]:
    """Return batches of ``size`` windows of like lengths, from the shortest to the longest ones.

    A sample with fewer windows than the batches hold is repeated.

    >>> strata([[1], [2], [3]], 1)[0::7]
    [[[1]], [[3]]]
    """
    times = -(-_STRATA * size // len(windows))
    repeated = [window for window in windows for _ in range(times)]
    spare = len(repeated) - _STRATA * size
    step = size + spare / _STRATA
    starts = [round(number * step + spare / _STRATA / 2) for number in range(_STRATA)]
    return [repeated[start : start + size] for start in starts]


def captured(module: Network, ids: "Tensor") -> Callable[[], Any]:
    """Return the replay of a CUDA graph of one forward pass."""
    cuda: Any = torch.cuda  # PyTorch leaves types out here
    stream = cuda.Stream()
    stream.wait_stream(cuda.current_stream())
    with cuda.stream(stream):
        for _ in range(3):
            module(ids)
    cuda.current_stream().wait_stream(stream)
    graph = cuda.CUDAGraph()
    with cuda.graph(graph):
        module(ids)
    replay: Callable[[], Any] = graph.replay
    return replay
