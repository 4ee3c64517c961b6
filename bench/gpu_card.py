"""The share of time in which a graphics card works, as its driver's own tool says."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import mean
from typing import Final

_PERIOD_MS: Final = 200
_WAIT_SECONDS: Final = 10.0
Share = Callable[[], float | None]


@contextmanager
def busy_share(device: str) -> Iterator[Share]:
    """Watch the card meanwhile; what is given returns its share of busy time, None if not known."""
    texts: list[str] = []
    process = _start() if device == "cuda" else None
    try:
        yield lambda: parse("".join(texts))
    finally:
        if process:
            process.terminate()
            texts.append(process.communicate(timeout=_WAIT_SECONDS)[0])


def _start() -> "subprocess.Popen[str] | None":
    import torch

    command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    command += [f"--loop-ms={_PERIOD_MS}"]
    card = getattr(torch.cuda.get_device_properties(0), "uuid", None)
    command += [f"--id=GPU-{card}"] if card else []
    try:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
    except OSError:  # the tool is not installed
        return None


def parse(text: str) -> float | None:
    r"""Return the mean of percentages, one a line, as a share; lines that are none are skipped.

    >>> parse("50\n[N/A]\n100\n")
    0.75
    """
    shares = [int(line) for line in text.split() if line.isdigit()]
    return mean(shares) / 100 if shares else None
