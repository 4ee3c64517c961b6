"""Explain errors of Kafka: the cause, the place and the remedy, in words for operators.

aiokafka names the protocol's error and nothing else. The same error needs another remedy for each
client, so the settings have a part in the explanation.
"""

from collections.abc import Mapping
from typing import Final

from aiokafka import errors

from streams.kafka.cluster import Cluster
from streams.monitoring.explain_connection import CONNECTING, OTHER_HOST, other_host

_ONE_COPY: Final = (
    "a cluster with fewer brokers than `{0}.replication.factor` (3 by default) can't make the "
    "topic `{1}`: start more brokers, or set {0}.replication.factor=1 and {0}.min.isr=1 on the "
    "broker and restart it"
)
NO_TRANSACTIONS: Final = "transactions are not available: " + _ONE_COPY.format(
    "transaction.state.log", "__transaction_state"
)
NO_GROUPS: Final = (
    "consumer groups are not available: a cluster with fewer brokers than "
    "`offsets.topic.replication.factor` (3 by default) can't make the topic `__consumer_offsets`: "
    "start more brokers, or set offsets.topic.replication.factor=1 on the broker and restart it"
)

_ALL_RIGHTS: Final = "; `newsquake acls` prints all rights of a role"

_ERRORS: Final[Mapping[type[Exception], str]] = {
    errors.InconsistentGroupProtocolError: (
        "another program is a member of the consumer group {group}, with another assignor or "
        "protocol: stop it or give it a group of its own; `kafka-consumer-groups "
        "--bootstrap-server {bootstrap} --describe --members --group {group}` shows it"
    ),
    errors.InvalidSessionTimeoutError: (
        "NEWSQUAKE_WORKER__SESSION_TIMEOUT is outside the broker's bounds: set it between the "
        "broker's group.min.session.timeout.ms and group.max.session.timeout.ms, or change these"
    ),
    errors.GroupAuthorizationFailedError: (
        "user {user!r} may not use the consumer group {group}: grant it with `kafka-acls "
        "--bootstrap-server {bootstrap} --add --allow-principal 'User:{user}' --operation Read "
        "--group {group}`" + _ALL_RIGHTS
    ),
    errors.TransactionalIdAuthorizationFailed: (
        "user {user!r} may not write in transactions: grant it with `kafka-acls --bootstrap-server "
        "{bootstrap} --add --allow-principal 'User:{user}' --operation Write "
        "--transactional-id '{prefix}newsquake-' --resource-pattern-type prefixed`" + _ALL_RIGHTS
    ),
    errors.TopicAuthorizationFailedError: (
        "user {user!r} may not use the topic {topics}: grant it with `kafka-acls "
        "--bootstrap-server {bootstrap} --add --allow-principal 'User:{user}' --operation Read "
        "--operation Write --operation Describe --topic {topics}`" + _ALL_RIGHTS
    ),
    errors.ClusterAuthorizationFailedError: (
        "user {user!r} may not change the cluster: let an administrator run this, or grant Create "
        "and Alter on the cluster with `kafka-acls --add --cluster`"
    ),
    errors.GroupLoadInProgressError: (
        "the broker is still loading the offsets of the consumer group {group}, since it has just "
        "started or taken the group over: try again in a moment"
    ),
    errors.InvalidTransactionTimeout: (
        "NEWSQUAKE_KAFKA__TRANSACTION_TIMEOUT ({transaction_timeout:g} s) is more than the "
        "broker's transaction.max.timeout.ms: set it lower, or raise the broker's"
    ),
    errors.UnsupportedSaslMechanismError: (
        "the broker does not offer the SASL mechanism {mechanism}: set "
        "NEWSQUAKE_KAFKA__SASL_MECHANISM to one of its sasl.enabled.mechanisms"
    ),
    errors.KafkaStorageError: (
        "a broker can't write to its disk, which is full or broken: free space there (see the "
        "broker's log and `df`), then restart the broker"
    ),
    errors.NotEnoughReplicasError: (
        "fewer replicas are in sync than min.insync.replicas: start the missing brokers, or lower "
        "min.insync.replicas with `kafka-configs --bootstrap-server {bootstrap} --alter "
        "--entity-type topics --entity-name {topics} --add-config min.insync.replicas=1`"
    ),
    errors.UnknownTopicOrPartitionError: (
        "the topic {topics} does not exist: somebody deleted it; `newsquake topics create` makes "
        "it again"
    ),
}
_ERRORS_AFTER = {errors.NotEnoughReplicasAfterAppendError: errors.NotEnoughReplicasError}


def explain_kafka(
    error: BaseException, cluster: Cluster, *, group: str = "", topics: str = "", address: str = ""
) -> str | None:
    """Return the cause and the remedy of ``error``, with its own words; None if it is unknown.

    ``address`` is the broker that was asked; without it, the bootstrap servers are named.
    """
    server = address or cluster.bootstrap
    for cause in _chain(error):
        kind = _ERRORS_AFTER.get(type(cause), type(cause))
        if template := _ERRORS.get(kind):
            if isinstance(cause, errors.TopicAuthorizationFailedError):
                topics = _argument(cause, topics)  # that topic, and not those that a stage reads
            return template.format(
                group=group or _argument(cause, "?"),
                topics=topics or _argument(cause, "?"),
                bootstrap=cluster.bootstrap,
                user=cluster.user,
                prefix=cluster.prefix,
                mechanism=cluster.sasl_mechanism,
                transaction_timeout=cluster.transaction_timeout,
            )
        for error_type, explain in CONNECTING.items():
            if isinstance(cause, error_type):
                words = " ".join(f"{type(cause).__name__}: {cause}".split())
                is_other = getattr(cause, "verify_code", 0) in OTHER_HOST
                return f"{(other_host if is_other else explain)(cluster, server)} ({words})"
    return None


def _chain(error: BaseException) -> list[BaseException]:
    """Return the error and its causes, the innermost first."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__
    return chain[::-1]


def _argument(error: BaseException, default: str) -> str:
    """Return the name that an authorization error carries."""
    argument = error.args[0] if error.args else default
    names = argument if isinstance(argument, set | frozenset | list | tuple) else [argument]
    return ", ".join(sorted(map(str, names)))
