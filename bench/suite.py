"""Run the benchmarks in turn, keep what they found, and write it into docs/benchmarks.md.

Nothing else should run on the machine meanwhile. Each benchmark is a process of its own and leaves
a file in ``bench/results``. The page's tables are made of these files, so that a benchmark that
fails, or is not run, leaves its table as it was.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import earlier
from page import render, with_tables

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs/benchmarks.md"
RESULTS: Final = ROOT / "bench/results"
FIVE: Final = ("--repetitions", "5")
ONCE: Final = ("--repetitions", "1")


class Benchmark(NamedTuple):
    """A script of this folder and its options.

    Attributes:
        script: the file.
        options: those of the published table.
        quick: those of a first look, instead.
        reads_headlines: whether it reads real headlines, of ``--headlines``.
        draws: whether it draws a curve.
        has_earlier: whether it can measure an earlier release in turn, of ``--earlier``.
        usual: whether it runs unless others are named.
    """

    script: str
    options: tuple[str, ...]
    quick: tuple[str, ...]
    reads_headlines: bool = False
    draws: bool = False
    has_earlier: bool = False
    usual: bool = True


THREE: Final = ("--repetitions", "3")
SOAK_MINUTES: Final = 30.0
"""A shorter soak is a first look."""
BENCHMARKS: Final = {
    "stage": Benchmark("throughput.py", FIVE, ("--count", "3000", *ONCE)),
    "stages": Benchmark(
        "throughput.py",
        ("--stages", "3", "--count", "200000", *FIVE),
        ("--stages", "3", "--peers", "pump", "aiokafka", "--count", "3000", *ONCE),
    ),
    "load": Benchmark(
        "load_latency.py",
        ("--flood", "6", "--seconds", "5", *THREE),
        ("--peers", "pump", "aiokafka", "--flood", "4", "--seconds", "2", *ONCE),
    ),
    "latency": Benchmark(
        "latency.py",
        ("--seconds", "20", *FIVE),
        ("--seconds", "2", "--warm-up", "1", "--rate", "100", *ONCE),
        has_earlier=True,
    ),
    "pipeline-load": Benchmark(
        "load_latency.py",
        ("--pipeline", "--flood", "10", "--seconds", "10", *THREE),
        ("--pipeline", "--flood", "4", "--seconds", "2", *ONCE),
    ),
    "pipeline": Benchmark(
        "throughput.py",
        ("--pipeline", *FIVE),
        ("--pipeline", "--count", "5000", *ONCE),
        has_earlier=True,
    ),
    "model": Benchmark(
        "model.py", FIVE, ("--count", "50", *ONCE), reads_headlines=True, has_earlier=True
    ),
    "runtimes": Benchmark("runtimes.py", FIVE, ("--count", "50", *ONCE), reads_headlines=True),
    "worker": Benchmark(
        "scoring.py", FIVE, ("--count", "200", "--backlog", "400", *ONCE), reads_headlines=True
    ),
    "idle": Benchmark("idle.py", (), ("--model", "null", "--settle", "8", "--seconds", "2")),
    "demo": Benchmark("demo_time.py", THREE, ONCE),
    "reading": Benchmark("ingest.py", ("--turns", "5"), ("--turns", "1", "--articles", "500")),
    "files": Benchmark("rows.py", FIVE, ("--rows", "500", *ONCE)),
    "detector": Benchmark("detector.py", FIVE, ("--count", "1000", *ONCE)),
    "growth-workers": Benchmark(
        "growth_workers.py",
        ("--vary", "workers"),
        ("--vary", "workers", "--sizes", "1", "2", "--count", "3000"),
        draws=True,
    ),
    "growth-partitions": Benchmark(
        "growth_workers.py",
        ("--vary", "partitions"),
        ("--vary", "partitions", "--sizes", "4", "8", "--count", "3000"),
        draws=True,
    ),
    "growth-subjects": Benchmark("growth_subjects.py", (), ("--sizes", "100", "1000"), draws=True),
    "growth-backlog": Benchmark("growth_backlog.py", (), ("--count", "5000"), draws=True),
    "growth-restore": Benchmark("growth_restore.py", (), ("--sizes", "100", "2000"), draws=True),
    "soak": Benchmark(
        "soak.py",
        (),
        ("--rate", "50", "--every", "2", "--kill-every", "20"),
        draws=True,
        usual=False,
    ),
}
"""The benchmarks of docs/benchmarks.md, in the order of the page."""


def main() -> None:
    """Run what is asked for, and write the page.

    Raises:
        SystemExit: a benchmark failed; the others have run.
    """
    options = _arguments()
    options.results.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in () if options.render else options.only:
        print(f"--- {name}", flush=True)
        if not run(name, options):
            failed.append(name)
    kept = {path.stem: json.loads(path.read_text()) for path in options.results.glob("*.json")}
    if options.page:
        tables = {name: render(kept[name]) for name in BENCHMARKS if name in kept}
        options.page.write_text(with_tables(options.page.read_text("utf-8"), tables), "utf-8")
        print(f"{options.page}: {len(tables)} of {len(BENCHMARKS)} tables are of this suite")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def run(name: str, options: argparse.Namespace) -> bool:
    """Run a benchmark and keep its figures; return whether it came to a good end."""
    chosen = BENCHMARKS[name]
    own = [*(chosen.quick if options.quick else chosen.options)]
    if chosen.reads_headlines and options.headlines:
        own += ["--headlines", str(options.headlines)]
    if chosen.has_earlier and options.earlier:
        own += ["--earlier", str(options.earlier)]
    if name == "soak":
        own += ["--minutes", f"{options.minutes:g}"]
    with tempfile.TemporaryDirectory() as folder:
        file, began = Path(folder, "found.json"), time.monotonic()
        argv = [sys.executable, str(ROOT / "bench" / chosen.script), *own, "--json", str(file)]
        argv += ["--image", str(options.results / f"{name}.svg")] if chosen.draws else []
        code = subprocess.run(argv, cwd=ROOT, check=False).returncode
        if not file.exists():
            print(f"{name}: ended with {code} and no figures", file=sys.stderr, flush=True)
            return False
        found: dict[str, Any] = json.loads(file.read_text())
    found |= {
        "command": shlex.join(["python", f"bench/{chosen.script}", *own]),
        "image": f"../bench/results/{name}.svg" if chosen.draws else "",
        "commit": _commit(),
        "seconds": round(time.monotonic() - began),
        "quick": options.quick,
    }
    kept = options.results / f"{name}.json"
    written = kept.with_suffix(".new")
    written.write_text(json.dumps(found, indent=1) + "\n")
    written.rename(kept)
    return code == 0


def _commit() -> str:
    """Return the short name of the commit, with a plus if files differ from it."""
    git = ["git", "describe", "--always", "--abbrev=7", "--exclude=*", "--dirty=+"]
    done = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    usual = [name for name, each in BENCHMARKS.items() if each.usual]
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=usual)
    parser.add_argument("--minutes", type=float, default=SOAK_MINUTES, help="of the soak")
    parser.add_argument("--quick", action="store_true", help="a first look; figures mean nothing")
    parser.add_argument("--render", action="store_true", help="run nothing, write the page")
    parser.add_argument("--headlines", type=Path, metavar="CSV", help="real headlines, by title")
    earlier.add_option(parser)
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="default: bench/results")
    parser.add_argument("--page", type=Path, metavar="FILE", help="default: docs/benchmarks.md")
    options = parser.parse_args()
    if options.quick:
        if not options.results or options.results.resolve() == RESULTS:
            parser.error("--quick needs a folder of its own: --results FOLDER")
        if options.page and options.page.resolve() == PAGE:
            parser.error("--quick does not write docs/benchmarks.md: name another --page, or none")
    elif "soak" in options.only and options.minutes < SOAK_MINUTES:
        parser.error(f"a soak below {SOAK_MINUTES:g} minutes is a first look: add --quick")
    else:
        options.results = options.results or RESULTS
        options.page = options.page or PAGE
    return options


if __name__ == "__main__":
    main()
