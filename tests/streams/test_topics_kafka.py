"""Topics are made once, as they must be; whoever finds them otherwise is told what to do."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from infra.kafka.port import free_ports
from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.topic_comparison import compare_settings, compare_topics
from streams.kafka.topics import Topic, TopicSummary, create_topics, list_topics, verify_topics

pytestmark = pytest.mark.kafka
COMPACT = {"cleanup.policy": "compact"}


@pytest.fixture
def cluster(kafka: str, prefix: str) -> Cluster:
    """The broker, and three partitions a topic."""
    return Cluster(bootstrap=kafka, prefix=prefix, partitions=3)


@pytest.fixture
def topics(prefix: str) -> Sequence[Topic]:
    """Two topics."""
    return [Topic(f"{prefix}news", {}), Topic(f"{prefix}state", COMPACT)]


async def test_topics_are_made_once(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """Setting up twice would fail, or a script could not tell whether it did anything."""
    assert await create_topics(cluster, topics[:1]) == [topics[0].name]
    assert await create_topics(cluster, topics) == [topics[1].name]
    assert await create_topics(cluster, topics) == []
    await verify_topics(cluster, topics)
    assert await list_topics(cluster, topics) == [
        TopicSummary(topic.name, 3, 0) for topic in topics
    ]


async def test_another_number_of_partitions_is_refused(
    cluster: Cluster, topics: Sequence[Topic]
) -> None:
    """Changelogs would be read from the wrong partitions, and memory silently be lost."""
    await create_topics(cluster, topics)
    wrong = cluster.model_copy(update={"partitions": 5})
    for check in (create_topics, verify_topics):
        with pytest.raises(Misconfigured, match=r"has 3.*NEWSQUAKE_KAFKA__PARTITIONS"):
            await check(wrong, topics)


async def test_a_topic_may_have_partitions_of_its_own(cluster: Cluster, prefix: str) -> None:
    """One setting would have to fit all topics, or the wrong one be named in the complaint."""
    own = Topic(f"{prefix}own", {}, 1, "NEWSQUAKE_OWN")
    both = [Topic(f"{prefix}news", {}), own]
    await create_topics(cluster, both)
    await verify_topics(cluster, both)
    assert [it.partitions for it in await list_topics(cluster, both)] == [3, 1]
    with pytest.raises(Misconfigured) as caught:
        await verify_topics(cluster, [both[0], own._replace(partitions=2)])
    assert f"{own.name} has 1, not 2" in str(caught.value)
    assert "set NEWSQUAKE_OWN to" in str(caught.value)


async def test_a_missing_topic_is_named(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """A newcomer's first worker would wait for ever on topics that nobody made."""
    await create_topics(cluster, topics[:1])
    with pytest.raises(Misconfigured, match="`newsquake topics create`") as caught:
        await verify_topics(cluster, topics)
    assert topics[1].name in str(caught.value)
    assert topics[0].name not in str(caught.value)
    assert [it.name for it in await list_topics(cluster, topics)] == [topics[0].name]


async def test_a_setting_that_the_broker_refuses_is_told(cluster: Cluster, prefix: str) -> None:
    """Set-up would end well, and the worker complain of a topic that is not there."""
    with pytest.raises(Misconfigured, match=f"refused to create {prefix}odd"):
        await create_topics(cluster, [Topic(f"{prefix}odd", {"cleanup.policy": "nonsense"})])


async def alter(cluster: Cluster, name: str, settings: Mapping[str, str]) -> None:
    """Change settings of a topic, as an operator does, and wait until the broker goes by them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, dict(settings))])
    await admin.close()
    async with asyncio.timeout(10):
        while True:
            has = (await compare_topics(cluster, [Topic(name, {})])).settings[name]
            if settings.items() <= has.items():
                break
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("setting", "value", "is_fatal"),
    [
        ("max.message.bytes", "1000000", True),
        ("min.insync.replicas", "2", True),
        ("cleanup.policy", "delete", True),
        ("compression.type", "uncompressed", True),
        ("message.timestamp.before.max.ms", "1000", True),
        ("message.timestamp.after.max.ms", "1000", True),
        ("retention.ms", "60000", False),
        ("retention.bytes", "1000000", False),
        ("message.timestamp.type", "LogAppendTime", None),
    ],
)
async def test_each_setting_is_compared(
    cluster: Cluster, prefix: str, setting: str, value: str, is_fatal: bool | None
) -> None:
    """A worker would lose records, or end again and again without a word about the setting."""
    needed = {
        "max.message.bytes": "2097152",
        "cleanup.policy": "compact,delete",
        "retention.ms": "604800000",
    }
    topic = Topic(f"{prefix}state", needed)
    await create_topics(cluster, [topic])
    assert await compare_settings(cluster, [topic]) == []
    await alter(cluster, topic.name, needed | {setting: value})
    if is_fatal:
        with pytest.raises(
            Misconfigured, match=f"{setting} is {value}, not .*`kafka-configs "
        ) as caught:
            await compare_settings(cluster, [topic])
        assert f"--entity-name {topic.name} --add-config '{setting}=" in str(caught.value)
    else:
        warnings = await compare_settings(cluster, [topic])
        assert [warning.topic for warning in warnings] == [topic.name] * (is_fatal is False)
        assert all(warning.problem.startswith(f"{setting} is {value}") for warning in warnings)


async def test_an_unreachable_broker_is_told_within_seconds(topics: Sequence[Topic]) -> None:
    """A misspelt address would look like a worker that hangs."""
    (port,) = free_ports(1)
    nowhere, began = Cluster(bootstrap=f"127.0.0.1:{port}"), time.monotonic()
    for check in (create_topics, verify_topics, list_topics):
        with pytest.raises(Misconfigured, match="NEWSQUAKE_KAFKA__BOOTSTRAP") as caught:
            await check(nowhere, topics)
        assert str(port) in str(caught.value)
    assert time.monotonic() - began < 15
