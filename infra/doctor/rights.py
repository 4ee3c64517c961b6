"""Check the rights of our user, as the brokers tell them (KIP-430): nothing is tried out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    for_code,
)
from aiokafka.protocol.transaction import InitProducerIdRequest

from agents.access import rights as role_rights
from infra.doctor.examination import Examination, Role
from infra.doctor.finding import Finding, fault, ok, warning
from streams.kafka.cluster import Cluster
from streams.kafka.requests import describe_groups, describe_topics

OPERATIONS: Final = {"Read": 3, "Write": 4, "Describe": 8, "DescribeConfigs": 10}
"""The bit of each operation, as Kafka numbers them."""
_UNKNOWN: Final = -(1 << 31)
"""The answer of a broker that can't tell."""
_TRANSACTION, _GROUP = 1, 0
_TIMEOUT_MS: Final = 10_000


async def rights(examination: Examination) -> Iterator[Finding]:
    """Ask what is allowed on the topics, groups and transactional ids of our agents."""
    cluster, roles = examination.cluster, examination.roles
    wanted = needed_on_topics(cluster, (role.agent for role in roles))
    described = (await examination.ask(describe_topics(sorted(wanted)))).to_object()["topics"]
    findings = [
        finding
        for topic in described
        for finding in judge_topic(cluster, topic, wanted[topic["topic"]])
    ]
    for role in roles:
        findings += await group_rights(examination, role)
        findings += await transactional_id_rights(examination, role)
    agents = ", ".join(role.agent for role in roles)
    return iter(findings or [ok(f"{cluster.user} may do all that {agents} need")])


def needed_on_topics(cluster: Cluster, agents: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the operations that the agents need, by topic; some right implies Describe."""
    needed: dict[str, set[str]] = {}
    for right in role_rights(agents):
        if right.resource == "topic":
            needed.setdefault(cluster.topic(right.name), {"Describe"}).add(right.operation)
    return {topic: frozenset(operations) for topic, operations in needed.items()}


def missing_operations(needed: frozenset[str], allowed: int) -> list[str]:
    """Return those of the operations ``needed`` that the bits ``allowed`` lack.

    >>> missing_operations(frozenset({"Read", "Write"}), 1 << 3)
    ['Write']
    """
    if allowed == _UNKNOWN:
        return []
    return [name for name, bit in OPERATIONS.items() if name in needed and not allowed >> bit & 1]


def judge_topic(
    cluster: Cluster, topic: Mapping[str, Any], needed: frozenset[str]
) -> Iterator[Finding]:
    """Yield what our user may not do with ``topic``."""
    name = topic["topic"]
    is_hidden = for_code(topic["error_code"]).__name__ == "TopicAuthorizationFailedError"
    missing = missing_operations(needed, 0 if is_hidden else topic["rights"])
    if not missing:
        return
    detail = f"user {cluster.user!r} lacks {', '.join(missing)} on the topic {name}"
    remedy = f"run `{acl_command(cluster, missing, f'--topic {name}')}`"
    is_bearable = missing == ["DescribeConfigs"]
    yield (warning if is_bearable else fault)(detail, remedy)


async def group_rights(examination: Examination, role: Role) -> Iterator[Finding]:
    """Yield the rights on the group that are missing."""
    try:
        node = await examination.client.coordinator_lookup(_GROUP, role.group)
        answer = (await examination.ask(describe_groups([role.group]), node)).to_object()
        allowed = int(answer["groups"][0]["rights"])
    except GroupAuthorizationFailedError:
        allowed = 0
    return judge_group(examination.cluster, role, allowed)


def judge_group(cluster: Cluster, role: Role, allowed: int) -> Iterator[Finding]:
    """Yield what our user may not do with the group of ``role``."""
    missing = missing_operations(frozenset({"Read"}), allowed)
    if missing:
        yield fault(
            f"user {cluster.user!r} lacks {', '.join(missing)} on the group {role.group}",
            f"run `{acl_command(cluster, missing, f'--group {role.group}')}`",
        )


async def transactional_id_rights(examination: Examination, role: Role) -> Iterator[Finding]:
    """Take a transactional id beside those of the agent, with the prefix that they share."""
    cluster, name = examination.cluster, own_transactional_id(role)
    try:
        node = await examination.client.coordinator_lookup(_TRANSACTION, name)
        answer = await examination.ask(InitProducerIdRequest(name, _TIMEOUT_MS), node)
        is_allowed = for_code(answer.error_code) is not TransactionalIdAuthorizationFailed
    except TransactionalIdAuthorizationFailed:
        is_allowed = False
    if is_allowed:
        return iter(())
    ids = f"--transactional-id {role.group}- --resource-pattern-type prefixed"
    detail = f"user {cluster.user!r} lacks Write on transactional ids {role.group}-*"
    return iter([fault(detail, f"run `{acl_command(cluster, ['Write', 'Describe'], ids)}`")])


def own_transactional_id(role: Role) -> str:
    """Return the transactional id with which the agent's rights are tried."""
    return f"{role.group}-doctor"


def acl_command(cluster: Cluster, operations: list[str], resource: str) -> str:
    """Return the command line that grants ``operations`` on ``resource`` to our user."""
    granted = " ".join(f"--operation {operation}" for operation in operations)
    return (
        f"kafka-acls --bootstrap-server {cluster.bootstrap} --add --allow-principal "
        f"'User:{cluster.user}' {granted} {resource}"
    )
