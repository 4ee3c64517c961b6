"""One broker process and its directory."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.child_process import spawn
from infra.kafka.failure import EmbeddedKafkaError
from infra.kafka.java import command
from infra.kafka.port import is_free
from infra.kafka.properties import Node, render, server_properties

_FORMAT_SECONDS = 60
_STOP_SECONDS = 15
_LOG_TAIL = 3  # lines of the broker's log that a failure quotes,
_LOG_WIDTH = 300  # and how much of each


class Broker:
    """Formats, starts, kills and restarts one node; its data outlives its process."""

    def __init__(self, node: Node, directory: Path, class_path: Sequence[Path]) -> None:
        self.node = node
        self.log = directory / "broker.log"
        self._directory = directory
        self._class_path = class_path
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._process.pid if self._process and self.alive() else None

    def configure(self, nodes: Sequence[Node], special: Mapping[str, str]) -> None:
        """Write ``server.properties`` and ``special`` ones; the ports may be others than before."""
        self._directory.mkdir(parents=True, exist_ok=True)
        properties = {
            **server_properties(self.node, nodes, self._directory / "data"),
            **special,
        }
        (self._directory / "server.properties").write_text(render(properties))

    def format(self, cluster_id: str) -> None:
        """Prepare the data directory unless that has been done.

        Raises:
            EmbeddedKafkaError: it can't be written, or belongs to another cluster.
        """
        if (self._directory / "data" / "meta.properties").exists():
            return
        arguments = ("format", "--cluster-id", cluster_id, "--config", self._properties)
        tool = self._run("kafka.tools.StorageTool", *arguments)
        try:
            code = tool.wait(_FORMAT_SECONDS)
        except subprocess.TimeoutExpired:
            tool.kill()
            raise self.failure(f"could not be formatted in {_FORMAT_SECONDS} s") from None
        if code:
            raise self.failure("could not be formatted")

    def start(self) -> None:
        """Start the process; it is ready later.

        Raises:
            EmbeddedKafkaError: a port is taken.
        """
        for port in (self.node.port, self.node.controller_port):
            if not is_free(port):
                raise EmbeddedKafkaError(f"port {port} is taken by another program")
        self._process = self._run("kafka.Kafka", self._properties)

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def terminate(self) -> None:
        """Ask the process to shut down in order."""
        if self._process:
            self._process.terminate()

    def join(self) -> None:
        """Wait for the process to end, and kill it when it takes too long."""
        if self._process:
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def failure(self, what: str) -> EmbeddedKafkaError:
        """An error that quotes the end of the broker's log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        # A tab begins each frame of a Java stack trace.
        lines = [line for line in text.splitlines() if line and not line.startswith("\t")]
        tail = " | ".join(line[:_LOG_WIDTH] for line in lines[-_LOG_TAIL:])
        return EmbeddedKafkaError(f"broker {self.node.id} {what}: {tail or 'it logged nothing'}")

    @property
    def _properties(self) -> str:
        return str(self._directory / "server.properties")

    def _run(self, main: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return spawn(command(self._class_path, main, *arguments), output=log)
