"""Wait until all brokers have learnt of topics from the controller."""

import asyncio
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

_CHECKS = 100
_CHECK_SECONDS = 0.1


async def wait_until_visible(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> None:
    """Wait until each broker has learnt of ``topics`` from the controller: any may be asked next.

    One that does not answer within ten seconds is left out: a command that needs it says so.
    """
    unaware = {broker["node_id"] for broker in (await admin.describe_cluster())["brokers"]}
    for _ in range(_CHECKS):
        unaware -= {node for node in unaware if await _knows(admin, node, topics)}
        if not unaware:
            return
        await asyncio.sleep(_CHECK_SECONDS)


async def _knows(admin: AIOKafkaAdminClient, node: int, topics: Sequence[str]) -> bool:
    """Return whether a broker knows all ``topics``."""
    client = admin._client  # noqa: SLF001 - the public calls ask any broker
    try:
        if not await client.ready(node):
            return False
        answer = await client.send(node, MetadataRequest(list(topics)))
    except KafkaError:
        return False
    return not any(topic["error_code"] for topic in answer.to_object()["topics"])
