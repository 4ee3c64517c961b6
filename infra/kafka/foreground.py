"""The embedded Kafka as a command that runs until it is stopped."""

import signal
import time
from pathlib import Path

from infra.kafka.embedded import EmbeddedKafka

_CHECK_SECONDS = 0.5


def up(
    port: int, brokers: int, data: Path | None, cache: Path, repository: str | None = None
) -> None:
    """Run a cluster, print ``ready HOST:PORT[,HOST:PORT…]``, and stop it at SIGINT or SIGTERM.

    Must be called in the main thread: it takes over both signals, even while the cluster starts.
    A second signal ends the brokers at once.

    Raises:
        EmbeddedKafkaError: The cluster can't be started, or a broker ended by itself.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with EmbeddedKafka(
            cache, brokers=brokers, port=port, data=data, repository=repository
        ) as kafka:
            print("ready", kafka.bootstrap, flush=True)  # noqa: T201 - scripts wait for this line
            while True:
                time.sleep(_CHECK_SECONDS)
                kafka.check()
    except KeyboardInterrupt:
        return
