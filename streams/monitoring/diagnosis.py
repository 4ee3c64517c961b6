"""Find out why Kafka makes no progress, by asking it anew over connections of our own."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, cast

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.conn import create_conn
from aiokafka.errors import (
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    NodeNotReadyError,
    NoError,
    NotEnoughReplicasError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    for_code,
)
from aiokafka.protocol.metadata import MetadataRequest

from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.connection import client_options, new_admin
from streams.monitoring.explain import NO_GROUPS, NO_TRANSACTIONS, explain_kafka
from streams.security.token_login import log_in

_ANSWER_SECONDS: Final = 2.5
"""A broker that takes longer for one answer counts as silent."""
_GROUP, _TRANSACTION = 0, 1


async def find_problem(cluster: Cluster, topics: Collection[str] = ()) -> str:
    """Return the cause of a standstill and the remedy; empty if nothing is wrong.

    ``topics`` are those to look at, with their partitions and replicas.
    """
    bootstrap = cluster.bootstrap.split(",")
    problems = await asyncio.gather(*(connection_problem(cluster, host) for host in bootstrap))
    if all(problems):
        return problems[0]
    admin = new_admin(cluster, request_timeout_ms=int(_ANSWER_SECONDS * 1_000))
    try:
        await admin.start()
        # A broker that is away is the cause only if nothing else is: the others do its work.
        return await _cluster_problem(admin, cluster, topics) or "; ".join(filter(None, problems))
    except (KafkaError, OSError) as error:
        return explain_kafka(error, cluster) or ""
    finally:
        await admin.close()


async def explain_failure(
    error: BaseException, cluster: Cluster, topics: Collection[str] = (), group: str = ""
) -> str:
    """Return the cause and the remedy of a client's ``error``, by asking where it says too little.

    aiokafka logs why it can't connect, and raises only that it could not.
    """
    opaque = isinstance(error, KafkaConnectionError | RequestTimedOutError | NodeNotReadyError)
    names = ", ".join(topics)
    explanation = None if opaque else explain_kafka(error, cluster, topics=names, group=group)
    problem = explanation or await find_problem(cluster, topics)
    name = type(error).__name__
    return problem or f"{cluster.bootstrap}: {name}: {' '.join(str(error).split())}"


@asynccontextmanager
async def errors_explained(
    cluster: Cluster, topics: Collection[str] = (), group: str = ""
) -> AsyncIterator[None]:
    """Raise errors of Kafka in the block with their cause and remedy.

    Raises:
        Misconfigured: Kafka did not do what was asked.
    """
    try:
        yield
    except KafkaError as error:
        raise Misconfigured(await explain_failure(error, cluster, topics, group)) from error


async def connection_problem(cluster: Cluster, address: str) -> str:
    """Return why the broker at ``address`` can't be used; empty if it can.

    A host that resolves to another place is told from one that refuses the user.
    """
    host, _, port = address.rpartition(":")
    options: dict[str, Any] = client_options(cluster)
    options.pop("bootstrap_servers")
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            if cluster.uses_tokens:
                connection = await log_in(cluster, host.strip("[]"), int(port))
            else:
                connection = await create_conn(host.strip("[]"), int(port), **options)
    except (KafkaError, OSError, EOFError) as error:
        explanation = explain_kafka(error, cluster, address=address)
        return explanation or f"{address}: {type(error).__name__}: {error}"
    connection.close()
    return ""


async def _cluster_problem(
    admin: AIOKafkaAdminClient, cluster: Cluster, topics: Collection[str]
) -> str:
    """Return the first problem of brokers, coordinators and topics, in this order."""
    brokers = admin._client.cluster.brokers()  # noqa: SLF001 - a request may need one that fails
    addresses = [f"{broker.host}:{broker.port}" for broker in brokers]
    problems = await asyncio.gather(
        *(connection_problem(cluster, address) for address in addresses)
    )
    if problem := next(filter(None, problems), ""):
        return problem
    for kind, no_coordinator in ((_TRANSACTION, NO_TRANSACTIONS), (_GROUP, NO_GROUPS)):
        try:
            await admin.find_coordinator(f"{cluster.prefix}doctor", kind)
        except CoordinatorNotAvailableError as error:
            return f"{no_coordinator} ({type(error).__name__})"
        except (GroupAuthorizationFailedError, TransactionalIdAuthorizationFailed):
            continue  # a user with the rights of one role has none to this name
        except KafkaError as error:
            if explanation := explain_kafka(error, cluster):
                return explanation
    for topic in await describe(admin, topics):
        if problem := await _topic_problem(admin, cluster, topic):
            return problem
    return ""


async def describe(
    admin: AIOKafkaAdminClient, topics: Collection[str]
) -> Sequence[Mapping[str, Any]]:
    """Return the metadata of ``topics``; none of them is made by asking."""
    if not topics:
        return ()
    client = admin._client  # noqa: SLF001 - the public method may make topics
    request = MetadataRequest(sorted(topics), allow_auto_topic_creation=False)
    response = await client.send(client.get_random_node(), request)
    return cast("Sequence[Mapping[str, Any]]", response.to_object()["topics"])


async def forbidden_topics(admin: AIOKafkaAdminClient, topics: Collection[str]) -> str:
    """Return the names of those of ``topics`` that we may not even see."""
    described = await describe(admin, topics)
    hidden = TopicAuthorizationFailedError.errno
    return ", ".join(topic["topic"] for topic in described if topic["error_code"] == hidden)


async def _topic_problem(
    admin: AIOKafkaAdminClient, cluster: Cluster, topic: Mapping[str, Any]
) -> str:
    name, error = str(topic["topic"]), for_code(topic["error_code"])
    if error is not NoError:
        return explain_kafka(error(), cluster, topics=name) or f"{name}: {error.__name__}"
    needed = await _min_in_sync(admin, name)
    for partition in topic["partitions"]:
        source = f"{name}-{partition['partition']}"
        if partition["leader"] < 0:
            return f"{source} has no leader: start the brokers {sorted(partition['replicas'])}"
        if len(partition["isr"]) < needed:
            remedy = explain_kafka(NotEnoughReplicasError(), cluster, topics=name)
            return f"{source} has {len(partition['isr'])} of {needed} replicas in sync: {remedy}"
    return ""


async def _min_in_sync(admin: AIOKafkaAdminClient, topic: str) -> int:
    """Return ``min.insync.replicas`` of ``topic``; 1 if we may not read it."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    with suppress(KafkaError):
        for response in await admin.describe_configs([resource]):
            for *_, entries in response.resources:
                values = {entry[0]: entry[1] for entry in entries}
                return int(values.get("min.insync.replicas", 1))
    return 1
