"""One broker of the embedded Kafka: its process and its directory."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.child_process import spawn
from infra.kafka.error import EmbeddedKafkaError
from infra.kafka.java import command
from infra.kafka.port import is_free
from infra.kafka.properties import Node, render, server_properties

_FORMAT_SECONDS = 60
_STOP_SECONDS = 15

_MAX_QUOTED_LINES = 3
"""An error quotes at most so many lines of the broker's log."""

_MAX_QUOTED_CHARACTERS = 300
"""An error quotes at most so many characters of each line."""


class Broker:
    """A node of the cluster that can be formatted, started, killed and restarted.

    Its data outlives its process.
    """

    def __init__(self, node: Node, directory: Path, class_path: Sequence[Path]) -> None:
        self.node = node
        self.log = directory / "broker.log"
        self._directory = directory
        self._class_path = class_path
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The id of the running process; None if it does not run."""
        return self._process.pid if self._process and self.is_alive() else None

    def configure(self, nodes: Sequence[Node], special: Mapping[str, str]) -> None:
        """Write ``server.properties``; the ports may differ from those of the last start.

        ``special`` are properties beside our own, or instead of them.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        properties = server_properties(self.node, nodes, self._directory / "data")
        properties.update(special)
        (self._directory / "server.properties").write_text(render(properties))

    def format(self, cluster_id: str) -> None:
        """Format the data directory unless it is formatted already.

        Raises:
            EmbeddedKafkaError: It can't be written, or belongs to another cluster.
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
        """Start the process and return before it is ready.

        Raises:
            EmbeddedKafkaError: A port is taken.
        """
        for port in (self.node.port, self.node.controller_port):
            if not is_free(port):
                raise EmbeddedKafkaError(f"port {port} is taken by another program")
        self._process = self._run("kafka.Kafka", self._properties)

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def terminate(self) -> None:
        """Ask the process to shut down in an orderly way."""
        if self._process:
            self._process.terminate()

    def join(self) -> None:
        """Wait for the process to end; kill it if that takes too long."""
        if self._process:
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Kill the process with SIGKILL, as a power cut would, and wait for its end."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def failure(self, what: str) -> EmbeddedKafkaError:
        """Return an error that quotes the end of the broker's log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        # A tab begins each frame of a Java stack trace.
        lines = [line for line in text.splitlines() if line and not line.startswith("\t")]
        tail = " | ".join(line[:_MAX_QUOTED_CHARACTERS] for line in lines[-_MAX_QUOTED_LINES:])
        return EmbeddedKafkaError(f"broker {self.node.id} {what}: {tail or 'it logged nothing'}")

    @property
    def _properties(self) -> str:
        return str(self._directory / "server.properties")

    def _run(self, main: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return spawn(command(self._class_path, main, *arguments), output=log)
