"""``newsquake kafka up``."""

import os
from pathlib import Path

from infra.cache_dir import user_cache_dir
from infra.kafka.foreground import up


def run(port: int, brokers: int, data: Path | None) -> None:
    """Run a cluster in the foreground; its jars are in the user's cache.

    Raises:
        EmbeddedKafkaError: The cluster can't be started, or a broker ended by itself.
    """
    up(port, brokers, data, user_cache_dir(os.environ))
