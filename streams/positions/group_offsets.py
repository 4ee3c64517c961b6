"""The committed offsets of a group, told apart from an answer that tells none.

A broker that was just started, or that has just taken a group over, first loads the group's
offsets. Until then it answers with one error for the whole request and no offsets, as it does to a
user without the right to read the group (KIP-88). aiokafka 0.14.0 looks for errors beside the
offsets only, and takes that answer for a group that has none.
"""

from collections.abc import Collection
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.structs import OffsetAndMetadata

LOADING: Final = (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)
"""What a broker answers that can't tell yet: ask again."""
_log = structlog.get_logger(__name__)


async def group_offsets(
    admin: AIOKafkaAdminClient, group: str, partitions: Collection[KafkaPartition] | None = None
) -> dict[KafkaPartition, OffsetAndMetadata]:
    """Return the committed offsets of ``group`` in ``partitions``, or in all that it has one in.

    Raises:
        GroupLoadInProgressError: The broker is loading them, like the others of `LOADING`.
        GroupAuthorizationFailedError: The user may not read the group.
        KafkaError: Kafka does not answer.
    """
    topics: dict[str, list[int]] = {}
    for topic, number in partitions or ():
        topics.setdefault(topic, []).append(number)
    asked = None if partitions is None else list(topics.items())
    try:
        node = await admin.find_coordinator(group)
    except GroupAuthorizationFailedError:
        raise GroupAuthorizationFailedError(group) from None
    answer = await admin._send_request(OffsetFetchRequest(group, asked), node)  # noqa: SLF001 - the public way drops the error
    _raise_error(answer, group)
    offsets = {}
    for topic, states in answer.topics:
        for number, offset, metadata, code in states:
            if code:
                raise for_code(code)(f"{topic}-{number} of group {group}")
            offsets[KafkaPartition(topic, number)] = OffsetAndMetadata(offset, metadata)
    return offsets


def guard_offsets(consumer: AIOKafkaConsumer) -> None:
    """Have a started ``consumer`` of a group wait until the broker can tell its offsets."""
    coordinator, is_told = consumer._coordinator, False  # noqa: SLF001 - there is no public way
    send = coordinator._send_req  # noqa: SLF001 - as above

    async def send_guarded(request: Any) -> Any:
        nonlocal is_told
        answer = await send(request)
        if isinstance(request, OffsetFetchRequest):
            try:
                _raise_error(answer, coordinator.group_id)
            except NotCoordinatorForGroupError:
                coordinator.coordinator_dead()
                raise
            except GroupLoadInProgressError:
                if not is_told:
                    _log.warning(
                        "the broker is still loading the offsets of the group: it has just "
                        "started, or took the group over",
                        group=coordinator.group_id,
                    )
                is_told = True
                raise
        return answer

    coordinator._send_req = send_guarded  # noqa: SLF001 - as above


def _raise_error(answer: Any, group: str) -> None:
    """Raise the error of the whole answer to an `OffsetFetchRequest`, if there is one."""
    if code := getattr(answer, "error_code", 0):  # the first two versions have none
        error = for_code(code)
        raise error(group if error is GroupAuthorizationFailedError else f"group {group}")
