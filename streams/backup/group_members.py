"""Tell whether members of consumer groups are at work."""

import asyncio
from collections.abc import Collection
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, for_code

from streams.kafka.cluster import Cluster
from streams.kafka.topics import admin_client

_NOT_FOUND: Final = 69
"""The error of a group that never was: ``GROUP_ID_NOT_FOUND``."""
_TRIES: Final = 60
_AGAIN_SECONDS: Final = 0.5


async def member_counts(cluster: Cluster, groups: Collection[str]) -> dict[str, int]:
    """Return the number of members of each of ``groups`` that has any.

    A member that was killed counts until its session times out.

    Raises:
        Misconfigured: The cluster can't be reached, or refuses.
    """
    async with admin_client(cluster) as admin:
        counts = {group: await _members(admin, group) for group in sorted(groups)}
    return {group: count for group, count in counts.items() if count}


async def _members(admin: AIOKafkaAdminClient, group: str) -> int:
    """Return the number of members; a cluster that had no group makes and loads a topic first."""
    tries_left = _TRIES
    while True:
        tries_left -= 1
        try:
            (answer,) = await admin.describe_consumer_groups([group])
            ((code, _, _, _, _, members, *_),) = answer.groups
            if code not in {0, _NOT_FOUND}:
                raise for_code(code)(group)
            return len(members)
        except GroupAuthorizationFailedError as error:
            raise GroupAuthorizationFailedError(group) from error
        except KafkaError as error:
            if not (error.retriable and tries_left):
                raise
            await asyncio.sleep(_AGAIN_SECONDS)
