"""Measure memory and processor of a pipeline that has nothing to do: ``python bench/idle.py``.

Memory is the proportional set size (PSS): a page that several processes share counts once. It needs
Linux, and no library beside Newsquake's own.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import results
import table

from agents.pipeline import USUAL
from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

_SCRIPT = Path(sys.executable).with_name("newsquake")
_READY_SECONDS = 600.0
_PORT = 19200
_TICKS = os.sysconf("SC_CLK_TCK")
_MB = 1_000_000


class Part(NamedTuple):
    """A part of the pipeline.

    Attributes:
        name: What it is called in the table.
        pid: Its first process.
    """

    name: str
    pid: int

    def family(self) -> list[int]:
        """Return its processes."""
        return list(_family(self.pid))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def pss_bytes(pid: int) -> int:
    """Return the bytes of a process, of shared pages its share."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("Pss:")]
    return int(line.split()[1]) * 1024


def cpu_seconds(pid: int) -> float:
    """Return the seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def running(name: str, words: list[str], environment: dict[str, str], log: Path) -> Iterator[Part]:
    """Run a part during the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [_SCRIPT, *words], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield Part(name, process.pid)
    finally:
        process.terminate()
        process.wait(60)


def await_ready(first_port: int, agents: int) -> None:
    """Wait until each agent says at its port that it is ready.

    Raises:
        TimeoutError: One does not.
    """
    end = time.monotonic() + _READY_SECONDS
    for port in range(first_port, first_port + agents):
        while not _is_ready(port):
            if time.monotonic() > end:
                raise TimeoutError(f"the agent at port {port} is not ready")
            time.sleep(1.0)


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=30.0)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def measure(parts: list[Part], seconds: float) -> list[list[str]]:
    """Return a row for each part: its processes, MB, and the share of a core that it took."""
    before = {part: sum(map(cpu_seconds, part.family())) for part in parts}
    time.sleep(seconds)
    rows, memory, shares = [], 0.0, 0.0
    for part in parts:
        family = part.family()
        size = sum(map(pss_bytes, family)) / _MB
        share = (sum(map(cpu_seconds, family)) - before[part]) / seconds
        rows.append([part.name, str(len(family)), f"{size:.0f}", f"{share:.1%}"])
        memory, shares = memory + size, shares + share
    return [*rows, ["all", "", f"{memory:.0f}", f"{shares:.1%}"]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="shipped", help="the setting nlp.model")
    parser.add_argument("--settle", type=float, default=30.0, help="seconds before measuring")
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds of measuring")
    results.add_options(parser)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        kafka = stack.enter_context(EmbeddedKafka(user_cache_dir(os.environ)))
        environment = {
            **os.environ,
            "NEWSQUAKE_KAFKA__BOOTSTRAP": kafka.bootstrap,
            "NEWSQUAKE_NLP__MODEL": options.model,
            "NEWSQUAKE_METRICS__PORT": str(_PORT),
            "NEWSQUAKE_DASHBOARD__PORT": "0",
        }
        subprocess.run([_SCRIPT, "topics", "create"], env=environment, check=True)
        parts = [Part("Kafka", pid) for pid in kafka.pids if pid]
        for name in ("worker", "dashboard"):
            log = folder / f"{name}.log"
            part = running(f"newsquake {name}", [name], environment, log)
            parts.append(stack.enter_context(part))
        await_ready(_PORT, len(USUAL))
        time.sleep(options.settle)
        rows = measure(parts, options.seconds)
    heads = ["part", "processes", "MB (PSS)", "of one core"]
    title = (
        f"Nothing to do for {options.seconds:.0f} s, model {options.model}; load average of the"
        f" {os.cpu_count()} cores at the end {os.getloadavg()[0]:.1f}."
    )
    results.publish(title, table.render(heads, rows), [{"rows": rows}], options)


if __name__ == "__main__":
    main()
