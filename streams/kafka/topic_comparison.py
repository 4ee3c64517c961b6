"""Compare the settings of topics on a cluster with those that the pipeline needs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.topic_command import alter_command
from streams.kafka.topic_settings import TopicState, differences
from streams.kafka.topics import Topic, admin_client


class TopicWarning(NamedTuple):
    """A difference between a topic and the settings, with which the pipeline can run.

    Attributes:
        topic: The full name.
        problem: The setting, its value and what follows from it.
        remedy: A clause that says what to do.
    """

    topic: str
    problem: str
    remedy: str


class TopicDifference(NamedTuple):
    """A difference between a topic and the settings: a `TopicWarning` that may be fatal.

    Attributes:
        topic: The full name.
        problem: The setting, its value and what follows from it.
        remedy: A clause that says what to do.
        is_fatal: Whether records would be lost, or refused for ever.
    """

    topic: str
    problem: str
    remedy: str
    is_fatal: bool


class Comparison(NamedTuple):
    """The settings of topics, and what differs.

    Attributes:
        settings: The settings of each topic that tells them, the broker's defaults included.
        differences: The differences that matter.
    """

    settings: dict[str, Mapping[str, str]]
    differences: Sequence[TopicDifference]


async def compare_settings(cluster: Cluster, topics: Sequence[Topic]) -> list[TopicWarning]:
    """Return differences of existing ``topics`` that are bearable.

    Raises:
        Misconfigured: The cluster can't be reached, or a topic has a setting with which records
            would be lost or refused for ever; the message has the command that changes it.
    """
    differing = (await compare_topics(cluster, topics)).differences
    problems = [
        f"topic {topic} can't be used, {problem}; {remedy}"
        for topic, problem, remedy, is_fatal in differing
        if is_fatal
    ]
    if problems:
        raise Misconfigured("; ".join(problems))
    return [TopicWarning(topic, problem, remedy) for topic, problem, remedy, _ in differing]


async def compare_topics(cluster: Cluster, topics: Sequence[Topic]) -> Comparison:
    """Compare existing ``topics`` with what they should be.

    Raises:
        Misconfigured: The cluster can't be reached.
    """
    names = [topic.name for topic in topics]
    async with admin_client(cluster) as admin:
        replicas = await _replica_counts(admin, names)
        answers = await _settings(admin, names)
    settings, differing = dict[str, Mapping[str, str]](), list[TopicDifference]()
    for topic in topics:
        actual = answers[topic.name]
        if isinstance(actual, str):
            problem = f"its settings can't be compared ({actual})"
            remedy = "allow DescribeConfigs on the topic"
            differing.append(TopicDifference(topic.name, problem, remedy, is_fatal=False))
            continue
        settings[topic.name] = actual
        state = TopicState(topic.config, actual, replicas[topic.name], topic.is_written)
        for setting, needed, consequence, is_fatal in differences(state):
            problem = f"{setting} is {actual.get(setting)}, not {needed}: {consequence}"
            remedy = f"run `{alter_command(cluster, topic.name, {setting: needed})}`"
            differing.append(TopicDifference(topic.name, problem, remedy, is_fatal))
    return Comparison(settings, differing)


async def _replica_counts(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, int]:
    """Return the number of copies of the partition with the fewest, by topic."""
    described = await admin.describe_topics(list(names)) if names else []
    return {
        topic["topic"]: min(len(partition["replicas"]) for partition in topic["partitions"])
        for topic in described
    }


async def _settings(
    admin: AIOKafkaAdminClient, names: Iterable[str]
) -> dict[str, Mapping[str, str] | str]:
    """Return the settings of each topic, or the name of the error that kept them from us."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    answers = await admin.describe_configs(resources) if resources else []
    return {
        name: for_code(code).__name__
        if code
        else {entry[0]: entry[1] for entry in entries if entry[1] is not None}
        for answer in answers
        for code, _, _, name, entries in answer.resources
    }
