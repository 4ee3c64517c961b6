"""Notice that a topic was deleted and made anew while it is read (KIP-516).

The new log may soon be longer than the old one was. Then no offset is out of range, and what lies
below the position would be passed over. Only the id of a topic tells one from the other.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
)

from streams.core.errors import LogTruncated
from streams.kafka.cluster import Cluster
from streams.kafka.connection import close_within, new_client
from streams.kafka.requests import TAGS, KafkaRequest, request_struct

TopicId = tuple[int, int]
"""The two halves of a UUID."""
_CHECK_SECONDS: Final = 2.0
_CLOSE_SECONDS: Final = 0.5
_TEXT: Final = CompactString("utf-8")
_ID: Final = (("id_high", Int64), ("id_low", Int64))
_NODES: Final = CompactArray(Int32)
_METADATA: Final = request_struct(
    3,
    12,
    Schema(
        ("topics", CompactArray(*_ID, ("topic", _TEXT), TAGS)),
        ("make_topics", Boolean),
        ("with_topic_rights", Boolean),
        TAGS,
    ),
    Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(("node", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT), TAGS),
        ),
        ("cluster_id", _TEXT),
        ("controller", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", _TEXT),
                *_ID,
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", _NODES),
                        ("isr", _NODES),
                        ("offline", _NODES),
                        TAGS,
                    ),
                ),
                ("rights", Int32),
                TAGS,
            ),
        ),
        TAGS,
    ),
    FLEXIBLE_VERSION=True,
)


async def watch_topic_ids(cluster: Cluster, topics: Collection[str]) -> None:
    """Look at the ids of ``topics`` every two seconds, for ever.

    Brokers before Kafka 3.0 don't tell them; then this returns.

    Raises:
        LogTruncated: A topic was made anew. A new start reads it from its beginning.
    """
    before: dict[str, TopicId] = {}
    while True:
        client = new_client(cluster)
        try:
            await client.bootstrap()
            while True:
                _compare(before, await _topic_ids(client, topics))
                await asyncio.sleep(_CHECK_SECONDS)
        except IncompatibleBrokerVersion:
            return
        except (KafkaError, OSError):
            await asyncio.sleep(_CHECK_SECONDS)  # Kafka is away
        finally:
            await close_within(client.close(), _CLOSE_SECONDS)


def _compare(before: dict[str, TopicId], now: Mapping[str, TopicId]) -> None:
    for topic, number in now.items():
        if before.setdefault(topic, number) != number:
            raise LogTruncated(
                f"{topic} was deleted and made anew: starting again reads the new one from its "
                "beginning; what was not processed of the old one is gone"
            )


async def _topic_ids(client: AIOKafkaClient, topics: Collection[str]) -> Mapping[str, TopicId]:
    """Return the ids of those of ``topics`` that exist."""
    wanted: list[tuple[int, int, str, dict[int, bytes]]] = [
        (0, 0, topic, {}) for topic in sorted(topics)
    ]
    request = KafkaRequest(_METADATA, wanted, False, False, {})  # noqa: FBT003 - as the protocol has them
    answer = await client.send(client.get_random_node(), request)
    return {
        topic: (high, low)
        for code, topic, high, low, *_ in answer.topics
        if code == 0 and topic is not None
    }
