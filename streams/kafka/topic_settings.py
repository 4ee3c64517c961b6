"""Compare a topic's settings on the cluster with those that the pipeline needs.

A difference is fatal if records would be lost, or refused again after each restart.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

MIN_CLOCK_TOLERANCE_MS: Final = 60_000
"""Clocks differ by seconds, and a produce request may be retried for as long as a transaction."""
Settings = Mapping[str, str]


class TopicState(NamedTuple):
    """A topic as it is on the cluster, next to the settings that it should have.

    Attributes:
        needed: The settings that the pipeline creates it with.
        actual: The settings that hold, the broker's defaults included.
        replicas: The number of copies of the partition that has the fewest.
        is_written: Whether agents write it.
    """

    needed: Settings
    actual: Settings
    replicas: int
    is_written: bool


class SettingDifference(NamedTuple):
    """A setting that differs.

    Attributes:
        setting: Its name.
        value: The value that it should have.
        consequence: A clause that says what follows from the actual value.
        is_fatal: Whether records would be lost, or refused for ever.
    """

    setting: str
    value: str
    consequence: str
    is_fatal: bool


def differences(topic: TopicState) -> Iterator[SettingDifference]:
    """Yield the settings of ``topic`` that differ in a way that matters."""
    for check in _CHECKS:
        yield from check(topic)


def message_bytes(topic: TopicState) -> Iterator[SettingDifference]:
    """Yield a limit of bytes below the needed one."""
    setting = "max.message.bytes"
    needed, actual = topic.needed.get(setting), topic.actual.get(setting)
    if needed and actual and int(actual) < int(needed):
        consequence = "a large record would be refused after every restart"
        yield SettingDifference(setting, needed, consequence, topic.is_written)


def compression(topic: TopicState) -> Iterator[SettingDifference]:
    """Yield a codec that undoes ours."""
    setting = "compression.type"
    if topic.is_written and topic.actual.get(setting) == "uncompressed":
        consequence = "a large dead letter would be refused after every restart"
        yield SettingDifference(setting, "producer", consequence, is_fatal=True)


def in_sync(topic: TopicState) -> Iterator[SettingDifference]:
    """Yield a number of copies that must acknowledge which is too high or too low."""
    setting = "min.insync.replicas"
    actual, enough = int(topic.actual.get(setting, "1")), max(1, topic.replicas - 1)
    if actual > topic.replicas:
        consequence = f"no write can succeed with {topic.replicas} copies"
        yield SettingDifference(setting, str(enough), consequence, is_fatal=True)
    elif actual > enough:
        consequence = "the pipeline stops while one broker is away"
        yield SettingDifference(setting, str(enough), consequence, is_fatal=False)
    elif actual < enough:
        consequence = "records that are acknowledged may be on one broker alone"
        yield SettingDifference(setting, str(enough), consequence, is_fatal=False)


def cleanup(topic: TopicState) -> Iterator[SettingDifference]:
    """Yield a policy that deletes what must stay, or keeps what may go."""
    setting = "cleanup.policy"
    if not (needed := topic.needed.get(setting)) or setting not in topic.actual:
        return
    wanted, actual = set(needed.split(",")), set(topic.actual[setting].split(","))
    if actual == wanted:
        return
    is_fatal = True
    if "compact" not in wanted:
        consequence = "records of equal key replace each other, and those without a key are refused"
    elif "delete" in actual - wanted or "compact" not in actual:
        consequence = "memory is deleted by its age"
    else:
        consequence, is_fatal = "what has expired is never deleted", False
    yield SettingDifference(setting, needed, consequence, is_fatal)


def clock(topic: TopicState) -> Iterator[SettingDifference]:
    """Yield limits of time that clocks and retries exceed."""
    is_stamped_by_broker = topic.actual.get("message.timestamp.type") == "LogAppendTime"
    if not topic.is_written:
        if is_stamped_by_broker:
            consequence = "copies are judged by when they came, not by when they were sent"
            yield SettingDifference(
                "message.timestamp.type", "CreateTime", consequence, is_fatal=False
            )
        return
    if is_stamped_by_broker:
        return
    limits = {
        "message.timestamp.before.max.ms": str(2**63 - 1),
        "message.timestamp.after.max.ms": "3600000",
    }
    for setting, default in limits.items():
        if int(topic.actual.get(setting, default)) < MIN_CLOCK_TOLERANCE_MS:
            consequence = "records are refused when clocks differ or a write is retried"
            yield SettingDifference(setting, default, consequence, is_fatal=True)


def retention(topic: TopicState) -> Iterator[SettingDifference]:
    """Yield limits by which records are deleted early."""
    setting = "retention.ms"
    needed, actual = topic.needed.get(setting), int(topic.actual.get(setting, "-1"))
    if needed and 0 <= actual < int(needed):
        consequence = "records are deleted early, read or not"
        yield SettingDifference(setting, needed, consequence, is_fatal=False)
    if "delete" in topic.needed.get("cleanup.policy", "") and (
        int(topic.actual.get("retention.bytes", "-1")) >= 0
    ):
        consequence = "records are deleted when many come, read or not"
        yield SettingDifference("retention.bytes", "-1", consequence, is_fatal=False)


_CHECKS: Final[tuple[Callable[[TopicState], Iterator[SettingDifference]], ...]] = (
    message_bytes,
    compression,
    in_sync,
    cleanup,
    clock,
    retention,
)
