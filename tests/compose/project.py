"""A project of docker-compose.yml with settings of its own, and its containers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools import stand_in_images

ROOT = Path(__file__).parents[2]
IMAGE = "newsquake:test"
SECONDS = 600.0
PULL_SECONDS = 180.0


def call(environ: Mapping[str, str], *command: str, seconds: float = SECONDS) -> str:
    """Return the output of a command that ends well."""
    done = subprocess.run(
        command, cwd=ROOT, env=dict(environ), capture_output=True, text=True, check=False,
        timeout=seconds,
    )  # fmt: skip
    assert done.returncode == 0, (
        f"{' '.join(command)}\n{done.stdout[-3_000:]}\n{done.stderr[-3_000:]}"
    )
    return done.stdout


def bases(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the images to build on: those of the compose file, else stand-ins."""
    usual = {"BASE": "python:3.12.12-slim-bookworm", "KAFKA_IMAGE": "apache/kafka:4.3.1"}
    for image in usual.values():
        command = ["docker", "pull", "--quiet", image]
        try:
            pulled = subprocess.run(
                command, env=dict(environ), capture_output=True, check=False, timeout=PULL_SECONDS
            )
        except subprocess.TimeoutExpired:
            break
        if pulled.returncode:
            break
    else:
        return usual
    call(environ, sys.executable, "-m", "tools.stand_in_images")
    return {"BASE": stand_in_images.PYTHON, "KAFKA_IMAGE": stand_in_images.BROKER}


class Project:
    """Containers of one project.

    Attributes:
        environ: The environment in which `docker` talks to the engine.
        port: The port of the broker on this machine.
        page: The port of the dashboard.
    """

    def __init__(
        self, environ: Mapping[str, str], name: str, settings: Path, port: int, page: int
    ) -> None:
        self.environ = dict(environ)
        self.port, self.page = port, page
        with_plugin = ["docker", "compose", "version"]
        has_plugin = subprocess.run(with_plugin, capture_output=True, check=False).returncode == 0
        program = ["docker", "compose"] if has_plugin else ["docker-compose"]
        assert shutil.which(program[0]), "install docker compose, or Debian's docker-compose"
        files = ["--file", "docker-compose.yml", "--file", "tests/compose/webhook.yml"]
        self._compose = [*program, "--project-name", name, "--env-file", str(settings), *files]

    def compose(self, *arguments: str) -> str:
        """Run compose."""
        return call(self.environ, *self._compose, *arguments)

    @property
    def logs(self) -> str:
        """The last lines of all services."""
        return self.compose("logs", "--no-color", "--tail", "30")

    def containers(self, service: str) -> list[str]:
        """Return the ids of the containers of a service, in the order of their start."""
        return self.compose("ps", "-q", service).split()

    def inspect(self, container: str) -> dict[str, Any]:
        """Return what the engine knows of a container."""
        document: list[dict[str, Any]] = json.loads(
            call(self.environ, "docker", "inspect", container)
        )
        return document[0]

    def restarts(self, container: str) -> int:
        """Return how often the engine has started a container again."""
        return int(self.inspect(container)["RestartCount"])

    def is_ready(self, container: str) -> bool:
        """Return whether a worker processes records now."""
        command = ["docker", "exec", container, "newsquake", "health", "--ready"]
        done = subprocess.run(command, env=self.environ, capture_output=True, check=False)
        return done.returncode == 0

    def wait_until_ready(self, containers: Sequence[str]) -> None:
        """Wait until all workers are ready."""
        deadline = time.monotonic() + SECONDS
        for container in containers:
            while not self.is_ready(container):
                assert time.monotonic() < deadline, call(self.environ, "docker", "logs", container)
                time.sleep(0.5)

    def kill(self, container: str) -> None:
        """Kill the worker of a container, as if it had died: the engine starts it again."""
        init = self.inspect(container)["State"]["Pid"]
        (worker,) = Path(f"/proc/{init}/task/{init}/children").read_text().split()
        os.kill(int(worker), signal.SIGKILL)

    def stop(self, container: str) -> tuple[float, int]:
        """Stop a container; return the seconds that it took, and its exit code."""
        began = time.monotonic()
        call(self.environ, "docker", "stop", container)
        return time.monotonic() - began, self.inspect(container)["State"]["ExitCode"]
