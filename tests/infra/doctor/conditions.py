"""Run ``newsquake doctor`` on a cluster, and the commands that it prints."""

import json
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from infra.doctor.checks import CHECKS
from infra.kafka.jars import class_path
from infra.kafka.java import command
from tests.streams.conditions import SCRIPT

PRINTED = re.compile(r"run `([^`]+)`")


class Report(NamedTuple):
    """The output of one run.

    Attributes:
        code: The exit code.
        lines: The objects of ``--json``.
    """

    code: int
    lines: Sequence[Mapping[str, str]]

    def of(self, check: str) -> Mapping[str, str]:
        """Return the one line of ``check``."""
        (line,) = [line for line in self.lines if line["check"] == check]
        return line

    def bad(self) -> dict[str, str]:
        """Return the status of each check that has another line than ok."""
        return {line["check"]: line["status"] for line in self.lines if line["status"] != "ok"}


def doctor(environment: Mapping[str, str], *arguments: str) -> Report:
    """Run the doctor, without a model unless ``arguments`` say otherwise."""
    done = subprocess.run(
        [SCRIPT, "doctor", "--json", *(arguments or ("--no-model",))], env=environment,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    lines = json.loads(done.stdout)
    checks = {check.name for check in CHECKS if "--model" in arguments or not check.of_model}
    assert {line["check"] for line in lines} == checks
    assert all(line["remedy"] for line in lines if line["status"] in {"fault", "warning"})
    return Report(done.returncode, lines)


def printed_command(line: Mapping[str, str]) -> list[str]:
    """Return the command that a line says to run."""
    match = PRINTED.search(line["remedy"])
    assert match, line
    return shlex.split(match[1])


def run_printed(line: Mapping[str, str], environment: Mapping[str, str], cache: Path) -> None:
    """Run the command that a line says to run; Kafka's own tool is in the broker's jars."""
    name, *arguments = printed_command(line)
    tool = {
        "newsquake": [str(SCRIPT), *arguments],
        "kafka-configs": command(class_path(cache), "kafka.admin.ConfigCommand", *arguments),
    }[name]
    done = subprocess.run(
        tool, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
