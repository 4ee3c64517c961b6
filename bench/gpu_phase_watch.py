"""Run phases of a measurement in another process, each under a time limit."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import IO, Any, Final

NOT_RUN: Final = "not run: the time was up"
DONE: Final = "done"


@dataclass
class Outcome:
    """The end of a phase, its seconds, and the rows that it measured until then."""

    end: str = NOT_RUN
    seconds: float = 0.0
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Report:
    """The machine and the phases of a run."""

    machine: dict[str, Any] = field(default_factory=dict)
    phases: dict[str, Outcome] = field(default_factory=dict)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the figures of a phase; none if it did not run."""
        outcome = self.phases.get(name, Outcome())
        return [row for row in outcome.rows if "note" not in row]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        return asdict(self)


def run_phases(
    command: Sequence[str], limits: Mapping[str, float], until: float, report: Report
) -> None:
    """Run the phases that ``limits`` names, in as many processes as it takes.

    Args:
        command: Runs the phases whose names are appended. It prints lines of JSON: ``machine``,
            ``row``, and ``done`` after each phase.
        limits: Seconds of each phase.
        until: The time of the monotonic clock at which all of it ends.
        report: Gets what is measured.
    """
    report.phases |= {name: Outcome() for name in limits}
    waiting = list(limits)
    while waiting and time.monotonic() < until:
        with tempfile.TemporaryFile("w+", errors="replace") as log:
            with subprocess.Popen(
                [*command, *waiting],
                stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            ) as process:  # fmt: skip
                try:
                    failure = _watch(_lines(process.stdout), waiting, limits, until, report)
                finally:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
            log.seek(0)
            text = log.read()
        if waiting and failure:
            print(text, file=sys.stderr, flush=True)
            last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
            name = waiting.pop(0)
            report.phases[name].end = failure.format(last=last.strip())
            print(f"{name}: {report.phases[name].end}", flush=True)


def _watch(
    lines: "queue.Queue[str]",
    waiting: list[str],
    limits: Mapping[str, float],
    until: float,
    report: Report,
) -> str:
    """Note what is measured and take what is done from ``waiting``; return what went wrong."""
    began = time.monotonic()
    while waiting:
        name = waiting[0]
        outcome = report.phases[name]
        end = min(began + limits[name], until)
        try:
            line = lines.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            outcome.seconds = time.monotonic() - began
            return f"stopped after {outcome.seconds:.0f} s"
        outcome.seconds = time.monotonic() - began
        if not line.endswith("\n"):  # the process has ended
            return "failed: {last}"
        fields = json.loads(line)
        report.machine |= fields.get("machine", {})
        if "row" in fields:
            outcome.rows.append(fields["row"])
            print(f"{name}: {fields['row']}", flush=True)
        if "done" in fields:
            outcome.end, began = DONE, time.monotonic()
            waiting.pop(0)
    return ""


def _lines(output: "IO[str] | None") -> "queue.Queue[str]":
    """Return the lines of a process as they come; one without an end is the last."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in output or ():
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    return lines
