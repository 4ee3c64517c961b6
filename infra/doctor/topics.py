"""Check that the topics exist as they must be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiokafka.errors import NoError, TopicAuthorizationFailedError, for_code

from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, fault, not_checked, ok, warning
from streams.kafka.cluster import Cluster
from streams.kafka.requests import describe_topics
from streams.kafka.topic_comparison import compare_topics
from streams.kafka.topics import Topic

_HIDDEN: Final = TopicAuthorizationFailedError.errno


async def topics(examination: Examination) -> Iterator[Finding]:
    """Ask for the partitions and copies of each required topic."""
    names = [topic.name for topic in examination.required]
    described = (await examination.ask(describe_topics(names))).to_object()["topics"]
    by_name = {topic["topic"]: topic for topic in described}
    examination.topics = {
        name: topic for name, topic in by_name.items() if for_code(topic["error_code"]) is NoError
    }
    hidden = {name for name, topic in by_name.items() if topic["error_code"] == _HIDDEN}
    required = [topic for topic in examination.required if topic.name not in hidden]
    return judge(examination.cluster, required, examination.topics)


def judge(
    cluster: Cluster, required: Sequence[Topic], existing: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    """Yield what is wrong with partitions and copies; one line if nothing is."""
    findings: list[Finding] = []
    missing = [topic.name for topic in required if topic.name not in existing]
    if missing:
        detail = f"missing: {', '.join(missing)}"
        findings.append(fault(detail, "run `newsquake topics create`"))
    for topic in required:
        if topic.name in existing:
            findings += judge_partitions(cluster, topic, existing[topic.name]["partitions"])
    yield from findings or [ok(f"all {len(required)} exist, with leaders and the right partitions")]


def judge_partitions(
    cluster: Cluster, topic: Topic, partitions: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    """Yield what is wrong with the partitions of a topic."""
    count, expected = len(partitions), topic.partitions_on(cluster)
    if count != expected:
        yield fault(
            f"{topic.name} has {count} partitions, not {expected}: memory would be looked for in "
            "the wrong partition",
            f"set {topic.setting}={count} if all topics have so many, or another "
            "NEWSQUAKE_KAFKA__PREFIX to start afresh",
        )
    leaderless = [partition for partition in partitions if partition["leader"] < 0]
    if leaderless:
        nodes = sorted({node for partition in leaderless for node in partition["replicas"]})
        yield fault(f"{_places(topic, leaderless)} without a leader", f"start the brokers {nodes}")
    behind = [
        partition for partition in partitions if len(partition["isr"]) < len(partition["replicas"])
    ]
    if behind:
        nodes = sorted(
            {
                node
                for partition in behind
                for node in set(partition["replicas"]) - set(partition["isr"])
            }
        )
        yield warning(
            f"{_places(topic, behind)} with copies that are not in sync",
            f"start the brokers {nodes}, or wait until they have caught up",
        )
    copies = min(len(partition["replicas"]) for partition in partitions)
    if copies < cluster.replication:
        yield warning(
            f"{topic.name} has {copies} copies, not NEWSQUAKE_KAFKA__REPLICATION="
            f"{cluster.replication}",
            "give it more replicas with `kafka-reassign-partitions`",
        )


def _places(topic: Topic, partitions: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{topic.name}-{partition['partition']}" for partition in partitions)


async def topic_settings(examination: Examination) -> Iterator[Finding]:
    """Compare every setting of the topics that exist with what the pipeline needs."""
    existing = [topic for topic in examination.required if topic.name in examination.topics]
    if not existing:
        return iter([not_checked("there is no topic yet", "run `newsquake topics create`")])
    settings, differences = await compare_topics(examination.cluster, existing)
    examination.topic_settings = settings
    findings = [
        (fault if is_fatal else warning)(f"{topic}: {problem}", remedy)
        for topic, problem, remedy, is_fatal in differences
    ]
    return iter(findings or [ok(f"{len(existing)} topics have the settings that they need")])
