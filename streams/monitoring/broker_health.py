"""Log once that Kafka went away, and once that it is back.

The clients retry for as long as it takes, and log every attempt: their noise is no message to an
operator.
"""

import asyncio
import time
from contextlib import suppress

import structlog
from aiokafka.errors import KafkaError

from streams.kafka.cluster import Cluster
from streams.kafka.connection import new_client

_log = structlog.get_logger(__name__)
_CHECK_SECONDS = 2.0
_CONNECT_TIMEOUT_SECONDS = 2.0
_ANSWER_TIMEOUT_SECONDS = 3.0


async def log_outages(cluster: Cluster) -> None:
    """Try to reach the brokers every two seconds, for ever."""
    lost_at: float | None = None
    while True:
        addresses = cluster.bootstrap.split(",")
        is_reachable = any(await asyncio.gather(*map(_is_reachable, addresses)))
        if is_reachable and lost_at is not None:
            _log.info("kafka is back", after_seconds=round(time.monotonic() - lost_at, 1))
            lost_at = None
        elif not is_reachable and lost_at is None:
            lost_at = time.monotonic()
            _log.error(
                "kafka does not answer: nothing is lost, work goes on when it is back; "
                "start the broker or check NEWSQUAKE_KAFKA__BOOTSTRAP",
                bootstrap=cluster.bootstrap,
            )
        await asyncio.sleep(_CHECK_SECONDS)


async def kafka_answers(cluster: Cluster) -> bool:
    """Return whether a broker answers a request in three seconds; a frozen one only connects."""
    client = new_client(cluster, request_timeout_ms=int(_ANSWER_TIMEOUT_SECONDS * 1_000))
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_SECONDS):
            await client.bootstrap()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
    return True


async def _is_reachable(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        writer.close()
        return True
    return False
