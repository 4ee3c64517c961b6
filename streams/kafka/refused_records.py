"""Explain why a broker refused records, so that the operator knows what to change.

The same records would be refused after every restart.
"""

from datetime import UTC, datetime
from typing import Final

from aiokafka.errors import (
    InvalidTimestampError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from streams.core.errors import Misconfigured
from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.topic_command import alter_command

REFUSALS: Final = (InvalidTimestampError, MessageSizeTooLargeError, RecordListTooLargeError)
_NEEDED_MESSAGE_BYTES: Final = str(8 << 20)
_HOUR_MS: Final = "3600000"


def explain_refusal(
    error: KafkaError, cluster: Cluster, source: TopicPartition, target: TopicPartition, now: float
) -> Misconfigured:
    """Return the failure that names both partitions, the broker's setting and the remedy.

    Args:
        error: One of `REFUSALS`.
        cluster: The cluster that refused.
        source: The partition that was read.
        target: The partition that was written to.
        now: This machine's clock, as a Unix time.
    """
    begin = (
        f"{cluster.bootstrap} refused what was to be written to {target.topic}-{target.partition} "
        f"for records of {source.topic}-{source.partition}: "
    )
    if isinstance(error, InvalidTimestampError):
        clock = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
        command = alter_command(cluster, target.topic, {"message.timestamp.after.max.ms": _HOUR_MS})
        return Misconfigured(
            f"{begin}by this machine's clock it is {clock}, which is further from the broker's "
            "clock than message.timestamp.after.max.ms (an hour by default) or "
            "message.timestamp.before.max.ms allows; set the clock that is wrong (NTP), or, if "
            f"that setting is below an hour, run `{command}`"
        )
    command = alter_command(cluster, target.topic, {"max.message.bytes": _NEEDED_MESSAGE_BYTES})
    return Misconfigured(f"{begin}it is larger than max.message.bytes; run `{command}`")
