"""Measure how long the demo takes, and, with ``--fresh``, what comes over the network for it.

``--fresh`` clones this checkout, empties the caches of uv and Newsquake by naming others, and runs
``make demo`` there. What comes over the network is counted by the kernel for the whole machine, so
nothing else may run.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import results
import table
from watched_process import memory

ROOT: Final = Path(__file__).parents[1]
_POLL_SECONDS: Final = 0.5
_DEMO: Final = (sys.executable, "-c", "from cli.main import app; app()", "demo")


class Run(NamedTuple):
    """A run of the demo.

    Attributes:
        seconds: from the command to its end.
        peak: megabytes of all its processes, broker included.
        received: megabytes that came over the network, for the whole machine.
    """

    seconds: float
    peak: float
    received: float


def main() -> None:
    """Run the demo, and print the table."""
    options = _arguments()
    runs = [_fresh()] if options.fresh else [_run(_DEMO, ROOT) for _ in range(options.repetitions)]
    head = ["", "s", "peak MB", *(["MB received"] if options.fresh else [])]
    received = [table.spread([run.received for run in runs])] if options.fresh else []
    row = [
        "`make demo`, empty caches" if options.fresh else "`newsquake demo`",
        table.spread([run.seconds for run in runs]),
        table.spread([run.peak for run in runs]),
        *received,
    ]
    title = f"The demo, {len(runs)} runs; median (smallest\u2013largest)."
    results.publish(title, table.render(head, [row]), [run._asdict() for run in runs], options)


def _fresh() -> Run:
    with TemporaryDirectory(prefix="newsquake-fresh-") as folder:
        checkout = Path(folder, "newsquake")
        clone = ["git", "clone", "--quiet", str(ROOT), str(checkout)]
        subprocess.run(clone, check=True)
        caches = {"UV_CACHE_DIR": f"{folder}/uv", "XDG_CACHE_HOME": f"{folder}/cache"}
        return _run(("make", "demo"), checkout, caches)


def _run(argv: tuple[str, ...], directory: Path, environ: Mapping[str, str] | None = None) -> Run:
    began, before, peak = time.monotonic(), received(), 0.0
    process = subprocess.Popen(
        argv,
        cwd=directory,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )
    while process.poll() is None:
        peak = max(peak, memory(process.pid))
        time.sleep(_POLL_SECONDS)
    if process.returncode:
        raise SystemExit(f"the demo ended with {process.returncode}")
    return Run(time.monotonic() - began, peak, (received() - before) / 1e6)


def received() -> int:
    """Return the bytes that all network devices but the loopback have received."""
    lines = Path("/proc/net/dev").read_text("ascii").splitlines()[2:]
    fields = (line.partition(":") for line in lines)
    return sum(int(rest.split()[0]) for name, _, rest in fields if name.strip() != "lo")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="a new clone and empty caches, once")
    parser.add_argument("--repetitions", type=int, default=3)
    results.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
