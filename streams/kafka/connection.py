"""Connect to a Kafka cluster: options of every client, and the consumer of committed records.

This stands apart from `streams.kafka.cluster`, since settings are read without importing aiokafka.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient

from streams.batches.guarded_fetch import guard_fetches
from streams.kafka.cluster import Cluster
from streams.monitoring.guarded_connections import GuardedConnections
from streams.positions.group_offsets import guard_offsets
from streams.security.tls import tls_context
from streams.security.tokens import tokens_for

_CANCEL_SECONDS: Final = 1.0


def client_options(cluster: Cluster) -> dict[str, Any]:
    """Return the keyword arguments that aiokafka's producer, consumer and admin client share.

    Raises:
        Misconfigured: A file or a provider that the settings name can't be used.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": cluster.bootstrap.split(","),
        "security_protocol": cluster.security,
        "ssl_context": tls_context(cluster),
    }
    if cluster.security.startswith("SASL"):
        options["sasl_mechanism"] = cluster.sasl_mechanism
    if cluster.uses_tokens:
        options["sasl_oauth_token_provider"] = tokens_for(cluster)
    elif cluster.security.startswith("SASL"):
        options["sasl_plain_username"] = cluster.username
        options["sasl_plain_password"] = cluster.password.get_secret_value()
    return options


def new_client(cluster: Cluster, **options: Any) -> AIOKafkaClient:
    """Return a client without a role, not started."""
    client = AIOKafkaClient(**client_options(cluster), **options)
    GuardedConnections(client)
    return client


def new_admin(cluster: Cluster, **options: Any) -> AIOKafkaAdminClient:
    """Return an admin client, not started."""
    admin = AIOKafkaAdminClient(**client_options(cluster), **options)
    GuardedConnections(admin._client)  # noqa: SLF001 - there is no public way
    return admin


def new_consumer(cluster: Cluster, **options: Any) -> AIOKafkaConsumer:
    """Return a consumer, not started, for offsets; `committed_reader` reads records."""
    consumer = AIOKafkaConsumer(**client_options(cluster), **options)
    GuardedConnections(consumer._client)  # noqa: SLF001 - as above
    return consumer


def new_producer(cluster: Cluster, **options: Any) -> AIOKafkaProducer:
    """Return a producer, not started."""
    producer = AIOKafkaProducer(**client_options(cluster), **options)
    GuardedConnections(producer.client)
    return producer


async def close_within(closing: Awaitable[None], seconds: float) -> None:
    """Wait for a client to close; one that can't reach its broker is abandoned."""
    await asyncio.wait([asyncio.ensure_future(closing)], timeout=seconds)


async def end_tasks(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until all have ended; what they return or raise is not looked at.

    One cancellation is not enough. `asyncio.wait_for` of Python 3.11 drops it if the awaited
    answer has come at the same moment, and aiokafka may take it for a time-out.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_SECONDS)


@asynccontextmanager
async def started(consumer: AIOKafkaConsumer) -> AsyncIterator[AIOKafkaConsumer]:
    """Start a consumer for the block, and stop it also if it did not start."""
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


class GuardedConsumer(AIOKafkaConsumer):  # type: ignore[misc] # it has no types
    """A consumer that names the place of what it can't read (`UnreadableBatch`).

    It waits until the broker can tell the offsets of its group.

    The offsets of its topics have gaps if these may be compacted.
    """

    def __init__(self, *, has_gaps: bool, **options: Any) -> None:
        super().__init__(**options)
        GuardedConnections(self._client)
        self._has_gaps = has_gaps

    async def start(self) -> None:
        """Connect, as the base class does."""
        await super().start()
        guard_fetches(self, has_gaps=self._has_gaps)
        if self._group_id is not None:
            guard_offsets(self)


def committed_reader(
    cluster: Cluster,
    group: str | None = None,
    *,
    has_gaps: bool = True,
    refresh_seconds: float = 300.0,
) -> AIOKafkaConsumer:
    """Return a consumer, not started, that reads committed records; it commits no offset by itself.

    Assign its partitions yourself. ``group`` is only the group whose offsets it can tell. Within
    ``refresh_seconds`` it learns of new partitions.
    """
    return GuardedConsumer(
        has_gaps=has_gaps,
        **client_options(cluster),
        group_id=group,
        enable_auto_commit=False,
        isolation_level="read_committed",
        metadata_max_age_ms=int(refresh_seconds * 1_000),
        auto_offset_reset="earliest",
    )
