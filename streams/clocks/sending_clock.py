"""Judge the clock of a program that dates its records by it, next to a topic's limits.

Kafka refuses records that are dated too far ahead (KIP-937), and deletes those that are older than
``retention.ms`` with their segment: those that are sent before the first fresh record go at the
next check, those that are sent after it stay as long as it does.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from streams.clocks.broker_clock import controller_clock
from streams.kafka.cluster import Cluster
from streams.kafka.topics import admin_client

_MILLISECONDS: Final = 1_000
_HOUR_MS: Final = "3600000"
_NEVER_MS: Final = str(2**63 - 1)
_REMEDY: Final = "set the clock that is wrong (`timedatectl` shows whether NTP does)"


async def sending_problem(cluster: Cluster, topic: str) -> str:
    """Return what Kafka will do to records that are sent to ``topic`` now; empty if it keeps them.

    Empty too if the cluster tells neither its time nor the topic's settings: that needs rights
    which a producer need not have.
    """
    with suppress(KafkaError):
        async with admin_client(cluster) as admin:
            client = admin._client  # noqa: SLF001 - there is no public way
            _, ahead = await controller_clock(client, client.get_random_node())
            resource = ConfigResource(ConfigResourceType.TOPIC, topic)
            for answer in await admin.describe_configs([resource]):
                for *_, entries in answer.resources:
                    settings = {entry[0]: entry[1] for entry in entries}
                    return judge(ahead or 0.0, settings)
    return ""


def judge(ahead: float, settings: Mapping[str, str]) -> str:
    """Return what follows for records that are sent now; empty if Kafka keeps them.

    ``ahead`` is the number of seconds by which the brokers' clock is ahead of ours.

    >>> judge(-7200.0, {})
    'Kafka refuses them: this clock is 7200 s ahead of the brokers, more than \
message.timestamp.after.max.ms; set the clock that is wrong (`timedatectl` shows whether NTP does)'
    >>> judge(0.0, {"retention.ms": "604800000"})
    ''
    """
    if settings.get("message.timestamp.type") == "LogAppendTime":
        return ""
    behind_ms = ahead * _MILLISECONDS
    after = int(settings.get("message.timestamp.after.max.ms", _HOUR_MS))
    before = int(settings.get("message.timestamp.before.max.ms", _NEVER_MS))
    retention = int(settings.get("retention.ms", "-1"))
    if -behind_ms > after:
        limit = f"ahead of the brokers, more than message.timestamp.after.max.ms; {_REMEDY}"
        return f"Kafka refuses them: this clock is {-ahead:.0f} s {limit}"
    if behind_ms > before:
        limit = f"behind the brokers, more than message.timestamp.before.max.ms; {_REMEDY}"
        return f"Kafka refuses them: this clock is {ahead:.0f} s {limit}"
    if 0 <= retention < behind_ms:
        return (
            "Kafka deletes them at its next check, read or not: this clock is "
            f"{ahead:.0f} s behind the brokers, more than retention.ms; {_REMEDY}"
        )
    return ""
