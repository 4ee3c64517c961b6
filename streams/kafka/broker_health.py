"""Says once that Kafka went away, and once that it is back.

The clients retry for as long as it takes, and say so at every attempt: their noise is no message to
an operator.
"""

import asyncio
import time
from contextlib import suppress

import structlog

from streams.kafka.cluster import Cluster

_log = structlog.get_logger(__name__)
_PAUSE_SECONDS = 2.0
_CONNECT_SECONDS = 2.0


async def log_outages(cluster: Cluster) -> None:
    """Look at the brokers every other second, for ever."""
    lost: float | None = None
    while True:
        reachable = await _any_reachable(cluster)
        if reachable and lost is not None:
            _log.info("kafka is back", after_seconds=round(time.monotonic() - lost, 1))
            lost = None
        elif not reachable and lost is None:
            lost = time.monotonic()
            _log.error(
                "kafka does not answer: nothing is lost, work goes on when it is back; "
                "start the broker or check NEWSQUAKE_KAFKA__BOOTSTRAP",
                bootstrap=cluster.bootstrap,
            )
        await asyncio.sleep(_PAUSE_SECONDS)


async def _any_reachable(cluster: Cluster) -> bool:
    addresses = cluster.bootstrap.split(",")
    return any(await asyncio.gather(*(_reachable(address) for address in addresses)))


async def _reachable(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        writer.close()
        return True
    return False
