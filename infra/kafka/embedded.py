"""Apache Kafka on a machine without Java or Docker, for tests, the demo and first steps."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from infra.file_lock import file_lock
from infra.kafka import directory as directories
from infra.kafka.broker import Broker
from infra.kafka.error import EmbeddedKafkaError
from infra.kafka.jars import class_path
from infra.kafka.port import choose_nodes
from infra.kafka.readiness import ask

_READY_SECONDS = 90.0
_POLL_SECONDS = 0.02


class EmbeddedKafka:
    """A cluster of ``brokers`` processes on loopback.

    On Linux the brokers die with this process, however it ends.

    Args:
        cache: The folder of the jars (45 MB), which are downloaded when they are missing.
        brokers: The number of brokers.
        port: The first broker's port; the others have the next ones. 0 chooses free ports.
        data: The folder of the data, which is kept and may be used again. Without it the data is
            in a temporary folder that is deleted when the cluster stops.
        repository: The URL of a Maven repository for the jars; default: Maven Central.
    """

    def __init__(
        self,
        cache: Path,
        *,
        brokers: int = 1,
        port: int = 0,
        data: Path | None = None,
        repository: str | None = None,
    ) -> None:
        self._cache = cache
        self._repository = repository
        self._count = brokers
        self._port = port
        self._data = data and data.absolute()
        self._cluster_id = ""
        self._brokers: list[Broker] = []
        self._resources = ExitStack()

    @property
    def bootstrap(self) -> str:
        """The ``host:port`` of every broker, separated by commas."""
        return ",".join(broker.node.address for broker in self._brokers)

    @property
    def pids(self) -> list[int | None]:
        """The process ids of the brokers, in order; None for a broker that does not run."""
        return [broker.pid for broker in self._brokers]

    def start(self) -> str:
        """Start all brokers, wait until each knows all others, and return `bootstrap`.

        Raises:
            EmbeddedKafkaError: The cluster can't be started; the message is one line for users.
        """
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise EmbeddedKafkaError(f"the embedded Kafka can't be started: {error}") from error
        except BaseException:
            self.stop()
            raise
        return self.bootstrap

    def stop(self) -> None:
        """Stop the brokers: by an orderly shutdown if their data is kept, else by SIGKILL."""
        for broker in self._brokers:
            broker.terminate() if self._data else broker.kill()
        for broker in self._brokers:
            broker.join()
        self._resources.close()

    def kill(self, broker: int = 0) -> None:
        """Send SIGKILL to the broker at that index; its data and port are kept."""
        self._brokers[broker].kill()

    def restart(self, broker: int = 0) -> None:
        """Start a killed broker with its port and data, and wait until it is ready.

        Raises:
            EmbeddedKafkaError: It does not become ready.
        """
        self._brokers[broker].start()
        self._await_ready([self._brokers[broker]])

    def check(self) -> None:
        """Check that all brokers run.

        Raises:
            EmbeddedKafkaError: A broker ended by itself.
        """
        for broker in self._brokers:
            if not broker.is_alive():
                raise broker.failure("ended by itself")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        root = self._data or Path(
            self._resources.enter_context(
                TemporaryDirectory(prefix="newsquake-kafka-", ignore_cleanup_errors=True)
            )
        )
        self._cluster_id = directories.claim(root, self._count).cluster_id
        try:
            self._resources.enter_context(file_lock(root / "in-use", wait=False))
        except BlockingIOError:
            raise EmbeddedKafkaError(f"another embedded Kafka is running on {root}") from None

        jars = class_path(self._cache, repository=self._repository)
        nodes = choose_nodes(self._count, self._port)
        self._brokers = [Broker(node, root / f"broker-{node.id}", jars) for node in nodes]
        for broker in self._brokers:
            broker.configure(nodes)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda broker: broker.format(self._cluster_id), self._brokers))
        for broker in self._brokers:
            broker.start()
        self._await_ready(self._brokers)

    def _await_ready(self, brokers: list[Broker]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        for broker in brokers:
            while not self._is_ready(broker):
                if not broker.is_alive():
                    raise broker.failure("did not start")
                if time.monotonic() > deadline:
                    raise broker.failure(f"was not ready after {_READY_SECONDS:.0f} s")
                time.sleep(_POLL_SECONDS)

    def _is_ready(self, broker: Broker) -> bool:
        """Return whether the broker answers and knows all brokers that are alive."""
        metadata = ask(broker.node.port)
        if metadata is None:
            return False
        if metadata.cluster_id != self._cluster_id:
            raise EmbeddedKafkaError(f"another Kafka answers on port {broker.node.port}")
        return metadata.brokers >= sum(other.is_alive() for other in self._brokers)
