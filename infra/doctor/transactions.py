"""Check that transactions work, and what time it is for the brokers."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import InvalidTimestampError, InvalidTransactionTimeout, for_code
from aiokafka.protocol.transaction import InitProducerIdRequest

from infra.doctor.examination import Examination, now
from infra.doctor.finding import Finding, explained, fault, not_checked, ok, warning
from infra.doctor.rights import own_transactional_id
from schemas.channels import STATE_POSITIONS
from streams.clocks.broker_clock import find_marker, seconds_ahead
from streams.kafka.connection import new_consumer, new_producer
from streams.monitoring.explain import explain_kafka

_TIMEOUT_MS: Final = 10_000
"""The time after which the broker aborts our transaction, should we die in it."""
_MILLISECONDS: Final = 1_000
_TRANSACTION: Final = 1
_MAX_IDS: Final = 50
"""Doctors at work side by side do not fence each other, and leave few ids behind."""
_MARKER_LOOKS: Final = 20
_LOOK_SECONDS: Final = 0.1
_SOME_SECONDS: Final = 10.0
"""Clocks that are further apart are not set by NTP."""
_HOUR: Final = 3_600.0
"""Kafka 4 refuses records that are dated further ahead, unless a topic allows it (KIP-937)."""


async def transactions(examination: Examination) -> Iterator[Finding]:
    """Begin, write and abort a transaction on one partition of each broker.

    Aborted records are never read by `read_committed` consumers, which all of ours are.
    """
    if problem := await timeout_problem(examination):
        return iter([problem])
    topic = examination.cluster.topic(STATE_POSITIONS.topic)
    partitions = one_of_each_leader(examination.topics.get(topic))
    if not partitions:
        return iter([ok(f"an id was taken; nothing was written, as there is no topic {topic}")])
    begins = await end_offsets(
        examination, [KafkaPartition(topic, partition) for partition in partitions.values()]
    )
    async with new_producer(
        examination.cluster,
        transactional_id=f"{own_transactional_id(examination.roles[0])}-{os.getpid() % _MAX_IDS}",
        transaction_timeout_ms=_TIMEOUT_MS,
        request_timeout_ms=int(examination.seconds * _MILLISECONDS),
    ) as producer:
        await producer.begin_transaction()
        sent = [
            await producer.send(topic, b"", key=b"newsquake doctor", partition=partition)
            for partition in partitions.values()
        ]
        answers = await asyncio.gather(*sent, return_exceptions=True)
        after = now()
        await producer.abort_transaction()
        await read_clocks(examination, producer, begins, after)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, InvalidTimestampError):
            raise answer
    return iter([ok(f"begun, written and aborted at {len(partitions)} broker(s) by {topic}")])


async def timeout_problem(examination: Examination) -> Finding | None:
    """Take a transactional id with the agents' time-out."""
    name = own_transactional_id(examination.roles[0])
    milliseconds = int(examination.cluster.transaction_timeout * _MILLISECONDS)
    node = await examination.client.coordinator_lookup(_TRANSACTION, name)
    answer = await examination.ask(InitProducerIdRequest(name, milliseconds), node)
    if for_code(answer.error_code) is InvalidTransactionTimeout:
        return explained(str(explain_kafka(InvalidTransactionTimeout(), examination.cluster)))
    return None


def one_of_each_leader(topic: Mapping[str, Any] | None) -> Mapping[int, int]:
    """Return a partition of the topic at each broker that leads some, by the broker's number."""
    partitions = topic["partitions"] if topic else ()
    return {
        partition["leader"]: partition["partition"]
        for partition in partitions
        if partition["leader"] >= 0
    }


async def end_offsets(
    examination: Examination, partitions: Sequence[KafkaPartition]
) -> Mapping[KafkaPartition, int]:
    """Return the offset after the last record of each partition."""
    async with new_consumer(examination.cluster) as consumer:
        ends: Mapping[KafkaPartition, int] = await consumer.end_offsets(partitions)
        return ends


async def read_clocks(
    examination: Examination,
    producer: AIOKafkaProducer,
    begins: Mapping[KafkaPartition, int],
    after: float,
) -> None:
    """Note the clocks of the brokers that ended our transaction, by their markers."""
    client, own_id = examination.client, producer._txn_manager.producer_id  # noqa: SLF001 - no public way
    await client.set_topics([partition.topic for partition in begins])
    for partition, begin in begins.items():
        for _ in range(_MARKER_LOOKS):
            marked_at = await find_marker(client, partition, begin, own_id)
            if marked_at is not None:
                node = client.cluster.leader_for_partition(partition)
                examination.clocks[node] = seconds_ahead(marked_at, after, now())
                break
            await asyncio.sleep(_LOOK_SECONDS)


async def clock(examination: Examination) -> Iterator[Finding]:
    """Compare the clocks of the brokers with ours."""
    return judge_clocks(examination.clocks)


def judge_clocks(ahead: Mapping[int, float]) -> Iterator[Finding]:
    """Yield the brokers whose clocks differ from ours; ``ahead`` is in seconds, by broker."""
    remedy = "set the clock that is wrong (`chronyc tracking` or `timedatectl` shows which)"
    findings: list[Finding] = []
    for node, seconds in ahead.items():
        direction = "ahead of" if seconds > 0 else "behind"
        detail = f"the clock of broker {node} is {abs(seconds):.0f} s {direction} ours"
        if abs(seconds) >= _HOUR:
            refused = "refuses what we write" if seconds < 0 else "may delete it as too old"
            findings.append(fault(f"{detail}, and so Kafka {refused}", remedy))
        elif abs(seconds) >= _SOME_SECONDS:
            findings.append(warning(detail, remedy))
    if not ahead:
        yield not_checked("no broker tells: that needs topics, or Describe on the cluster")
        return
    largest = max(abs(seconds) for seconds in ahead.values())
    nodes = ", ".join(map(str, sorted(ahead)))
    yield from findings or [ok(f"broker(s) {nodes} within {largest:.1f} s of ours")]
