"""Time a newcomer's first minutes: ``python bench/first_minutes.py``.

It clones this repository into a folder of its own, with empty caches, and does what `make demo`
does. Downloads are timed by themselves, since they depend on the network; what is left, from
`make demo` to the first alert on the screen, is the time of this machine.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import results
import table

_ROOT = Path(__file__).parents[1]
_ALERT = re.compile(r"^\w{3} \d\d \d\d:\d\d firing ")
"""The line of an alert where the demo's output is no terminal."""
_ENDS_SECONDS = 900.0
_JARS = (
    "import os; from infra.cache_dir import user_cache_dir;"
    " from infra.kafka.jars import class_path; class_path(user_cache_dir(os.environ))"
)


def environment(folder: Path) -> dict[str, str]:
    """Return this environment with caches of its own, and without another checkout's."""
    own = {name: folder / name for name in ("uv", "cache")}
    ours = ("VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT")
    others = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("NEWSQUAKE_")
    }
    return {**others, "UV_CACHE_DIR": str(own["uv"]), "XDG_CACHE_HOME": str(own["cache"])}


def timed(step: Callable[[], object]) -> float:
    """Return the seconds that a step took."""
    begin = time.monotonic()
    step()
    return time.monotonic() - begin


def first_alert(clone: Path, environ: dict[str, str]) -> float:
    """Return the seconds from `make demo` to its first alert, and end the demo.

    Raises:
        RuntimeError: The demo ended, or went on for a quarter of an hour, without an alert.
    """
    begin, said = time.monotonic(), []
    process = subprocess.Popen(
        [shutil.which("make") or "make", "demo"], cwd=clone, env=environ, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        for line in process.stdout or ():
            seconds = time.monotonic() - begin
            said.append(line)
            if _ALERT.match(line):
                return seconds
            if seconds > _ENDS_SECONDS:
                break
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
    raise RuntimeError("no alert:\n" + "".join(said))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    results.add_options(parser)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        environ, clone = environment(folder), folder / "newsquake"

        def run(*words: str, at: Path = clone) -> None:
            subprocess.run(words, cwd=at, env=environ, check=True, stdout=subprocess.DEVNULL)

        steps = {
            "`git clone`": timed(
                lambda: run("git", "clone", "-q", str(_ROOT), "newsquake", at=folder)
            ),
            "packages: resolved, downloaded, installed": timed(lambda: run("uv", "sync", "-q")),
            "Kafka's jars: downloaded": timed(lambda: run("uv", "run", "python", "-c", _JARS)),
            "`make demo` to the first alert on the screen": first_alert(clone, environ),
        }
    rows = [[step, f"{seconds:.0f}"] for step, seconds in steps.items()]
    title = (
        f"Empty caches, {os.cpu_count()} cores; load average at the end {os.getloadavg()[0]:.1f}."
    )
    results.publish(title, table.render(["step", "s"], rows), [{"steps": steps}], options)


if __name__ == "__main__":
    main()
