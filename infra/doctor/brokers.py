"""Check the brokers, their internal topics and their disks."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    for_code,
)

from infra.doctor.connection import find_problem
from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, explained, fault, not_checked, ok, warning
from infra.doctor.rights import own_transactional_id
from streams.clocks.broker_clock import controller_clock
from streams.kafka.requests import (
    cluster_features,
    describe_log_dirs,
    describe_topics,
    parse_features,
)
from streams.monitoring.explain import NO_GROUPS, NO_TRANSACTIONS

_RELEASES: Final = (
    (1, "3.0"), (2, "3.1"), (3, "3.2"), (4, "3.3"), (8, "3.4"), (9, "3.5"), (12, "3.6"),
    (15, "3.7"), (20, "3.8"), (21, "3.9"), (22, "4.0"), (26, "4.1"), (28, "4.2"), (30, "4.3"),
)  # fmt: skip
"""The first level of ``metadata.version`` of each release of Kafka."""
_TESTED_LEVEL: Final = 22
"""The level of Kafka 4.0, the first that Newsquake is tested with."""
_GIB: Final = 1 << 30
_MIN_FREE_BYTES: Final = _GIB // 4
"""A log takes a segment at a time: a disk with less is full within minutes."""
_ENOUGH_FREE_BYTES: Final = 2 * _GIB
_ENOUGH_FREE_SHARE: Final = 0.05
_ASK_AGAIN_SECONDS: Final = 0.3
_MAKING_SECONDS: Final = 5.0
"""The time that a cluster takes to make an internal topic when it is first asked for."""
_ENOUGH_COPIES: Final = 3


class InternalTopic(NamedTuple):
    """A topic that Kafka makes for itself.

    Attributes:
        name: The topic.
        kind: The number of the coordinator that needs it, in FindCoordinator.
        copies: The broker's setting of the number of copies.
        problem: The explanation when it can't be made.
    """

    name: str
    kind: int
    copies: str
    problem: str


INTERNAL: Final = (
    InternalTopic(
        "__transaction_state", 1, "transaction.state.log.replication.factor", NO_TRANSACTIONS
    ),
    InternalTopic("__consumer_offsets", 0, "offsets.topic.replication.factor", NO_GROUPS),
)


async def brokers(examination: Examination) -> Iterator[Finding]:
    """Connect to each broker where it says that it is, and ask for the release."""
    addresses = [f"{broker.host}:{broker.port}" for broker in examination.brokers]
    answers = await asyncio.gather(
        *(find_problem(examination.cluster, address) for address in addresses)
    )
    problems = [problem for problem in answers if problem]
    if problems:
        return iter(problems)
    features = parse_features(await examination.ask(cluster_features()))
    controller, ahead = await controller_clock(examination.client, examination.any_node)
    if ahead is not None:
        examination.clocks[controller] = ahead
    return judge_release(addresses, features.get("metadata.version", 0))


def judge_release(addresses: Sequence[str], level: int) -> Iterator[Finding]:
    """Yield the brokers and the release that they have agreed on."""
    release = next((name for first, name in reversed(_RELEASES) if first <= level), "before 3.0")
    text = f"{len(addresses)} at {', '.join(addresses)}; Kafka {release} (metadata.version {level})"
    if level < _TESTED_LEVEL:
        remedy = (
            "upgrade the cluster to Kafka 4, the first that Newsquake is tested with, and finish "
            "with `kafka-features upgrade --release-version 4.0`"
        )
        yield warning(text, remedy)
    else:
        yield ok(text)


async def internal_topics(examination: Examination) -> Iterator[Finding]:
    """Ask for the coordinators of transactions and groups, which need internal topics."""
    names = [topic.name for topic in INTERNAL]
    described = (await examination.ask(describe_topics(names))).to_object()["topics"]
    metadata = {topic["topic"]: topic for topic in described}
    findings = [
        too_many_copies(examination, topic, metadata[topic.name])
        or await coordinator_problem(examination, topic)
        or judge_copies(topic, metadata[topic.name], len(examination.brokers))
        for topic in INTERNAL
    ]
    return iter(findings)


def too_many_copies(
    examination: Examination, topic: InternalTopic, metadata: Mapping[str, Any]
) -> Finding | None:
    """Return the fault that ``topic`` can't be made, if a broker says so before it is asked for."""
    if metadata["partitions"] or metadata["error_code"] == _FORBIDDEN:
        return None
    settings = next(iter(examination.broker_settings.values()), {})
    wanted, count = int(settings.get(topic.copies, "1")), len(examination.brokers)
    return explained(topic.problem) if wanted > count else None


_FORBIDDEN: Final = 29
"""The error of a topic that one may not see: TOPIC_AUTHORIZATION_FAILED."""


async def coordinator_problem(examination: Examination, topic: InternalTopic) -> Finding | None:
    """Return why no coordinator answers; None if one does."""
    is_group = topic.name == "__consumer_offsets"
    keys = [role.group if is_group else own_transactional_id(role) for role in examination.roles]
    seconds = min(_MAKING_SECONDS, examination.seconds * 0.8 / len(INTERNAL))
    try:
        async with asyncio.timeout(seconds):
            for key in keys:
                await await_coordinator(examination, key, topic.kind)
    except TimeoutError:
        return explained(topic.problem)
    return None


async def await_coordinator(examination: Examination, key: str, kind: int) -> None:
    """Ask for a coordinator until there is one."""
    while True:
        try:
            await examination.client.coordinator_lookup(kind, key)
        except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError):
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
        except KafkaError as error:
            if "Authorization" not in type(error).__name__:
                raise
            return  # `rights` says so
        else:
            return


def judge_copies(topic: InternalTopic, metadata: Mapping[str, Any], brokers: int) -> Finding:
    """Judge the copies of an internal topic that works."""
    partitions = metadata["partitions"]
    if not partitions:
        return ok(f"{topic.name} works")
    leaderless = [
        f"{topic.name}-{partition['partition']}"
        for partition in partitions
        if partition["leader"] < 0
    ]
    if leaderless:
        nodes = sorted({node for partition in partitions for node in partition["replicas"]})
        return fault(f"{', '.join(leaderless)} without a leader", f"start the brokers {nodes}")
    copies = min(len(partition["replicas"]) for partition in partitions)
    if copies < min(_ENOUGH_COPIES, brokers):
        return warning(
            f"{topic.name} has {copies} of {min(_ENOUGH_COPIES, brokers)} possible copies: while "
            "one broker is away, all stands still",
            f"set {topic.copies}={_ENOUGH_COPIES} on the brokers, and give the topic more replicas "
            "with `kafka-reassign-partitions`",
        )
    return ok(f"{topic.name} has {copies} {'copy' if copies == 1 else 'copies'}")


async def disks(examination: Examination) -> Iterator[Finding]:
    """Ask each broker how much its log directories have free."""
    findings: list[Finding] = []
    for broker in examination.brokers:
        node, address = broker.nodeId, f"{broker.host}:{broker.port}"
        answer = (await examination.ask(describe_log_dirs(), node)).to_object()
        if answer["error_code"]:
            findings.append(
                not_checked(
                    f"{address} does not tell: {for_code(answer['error_code']).__name__}",
                    "look with `df` on the broker, or grant Describe on the cluster",
                )
            )
        findings += [judge_disk(address, folder) for folder in answer["folders"]]
    return iter(findings)


def judge_disk(address: str, folder: Mapping[str, Any]) -> Finding:
    """Judge the free bytes of one log directory."""
    directory, free, total = f"{folder['folder']} of {address}", *disk_sizes(folder)
    remedy = "free space there, add disk, or lower retention.ms of topics; then restart the broker"
    if folder["error_code"]:
        return fault(f"{directory} is offline ({for_code(folder['error_code']).__name__})", remedy)
    if free < 0 or total <= 0:
        return not_checked(f"{directory}: this release of Kafka does not tell")
    text = f"{directory} has {free / _GIB:.1f} of {total / _GIB:.0f} GiB free"
    if free < _MIN_FREE_BYTES:
        return fault(text, remedy)
    if free < min(_ENOUGH_FREE_BYTES, total * _ENOUGH_FREE_SHARE):
        return warning(text, remedy)
    return ok(text)


def disk_sizes(folder: Mapping[str, Any]) -> tuple[int, int]:
    """Return the free and all bytes of a folder."""
    return int(folder["free_bytes"]), int(folder["total_bytes"])
