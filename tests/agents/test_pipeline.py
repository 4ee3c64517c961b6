"""The stages and the topics between them: every name leads somewhere."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

import agents.pipeline
from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.pipeline import AGENTS, NAMES, build_stages
from nlp.null import NullClassifier
from schemas.channels import (
    CHANNELS,
    DEAD,
    FEEDBACK,
    RAW,
    SILENCES,
    STATE_POSITIONS,
    STATE_REPLAYS,
    STATE_SOURCES,
)
from streams.core.errors import Misconfigured

LISTED = re.compile(r"ingest,\s*score,\s*detect")
CLUSTER = ClusterLayout(prefix="blue.", partitions=3, replication=3)


def test_stages_come_in_order_with_names_of_their_own() -> None:
    """Two pipelines on one cluster would fence each other's workers."""
    stages = build_stages(
        ["detect", "ingest", "score"], cluster=CLUSTER, classifier=NullClassifier(), version="1.2"
    )
    assert [stage.name for stage in stages] == ["ingest", "score", "detect"]
    assert [stage.group for stage in stages] == [
        "blue.newsquake-ingest",
        "blue.newsquake-score",
        "blue.newsquake-detect",
    ]
    assert [stage.source for stage in stages] == [
        "blue.news.raw",
        "blue.news.accepted",
        "blue.news.signals",
    ]
    assert [stage.changelog for stage in stages] == [None, "blue.state.score", "blue.state.detect"]
    assert {(stage.dead_letters, stage.version) for stage in stages} == {("blue.news.dead", "1.2")}
    assert [bool(stage.tick_seconds) for stage in stages] == [False, False, True]


def test_channels_name_the_agents_that_read_and_write_them() -> None:
    """The published documents would send a reader to the wrong agent, or to none."""
    items = AGENTS.items()
    assert STATE_POSITIONS.writers == STATE_POSITIONS.readers == tuple(AGENTS)
    assert STATE_SOURCES.writers == STATE_SOURCES.readers == ("source",)
    assert SILENCES.writers == ("silence",)
    assert STATE_REPLAYS.writers == STATE_REPLAYS.readers == ("dlq",)
    for channel in set(CHANNELS) - {STATE_POSITIONS, STATE_SOURCES, STATE_REPLAYS}:
        writers = tuple(name for name, agent in items if channel in (*agent.writes, agent.state))
        readers = tuple(
            name for name, agent in items if channel in (agent.source, agent.state, *agent.tables)
        )
        if channel is not SILENCES:  # people write them
            assert channel.writers == (tuple(AGENTS) if channel is DEAD else writers), channel.topic
        assert channel.readers == (("adapt",) if channel is FEEDBACK else readers), channel.topic
    assert AGENTS["ingest"].source is RAW


def test_agents_are_named_in_their_table_only() -> None:
    """An agent that is added would be missing from a setting, a help text, or the demo."""
    root = Path(agents.pipeline.__file__).parents[1]
    naming = []
    for room in ("agents", "streams", "infra", "backtest", "demo", "dashboard", "cli"):
        for file in sorted((root / room).rglob("*.py")):
            nodes = ast.walk(ast.parse(file.read_text("utf-8")))
            texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
            joined = [text for text in texts if isinstance(text, str) and LISTED.search(text)]
            if joined or texts.issuperset(NAMES):
                naming.append(str(file.relative_to(root)))
    assert naming == ["agents/pipeline.py"]


def test_memory_has_the_partitions_of_its_source() -> None:
    """A partition's memory would be written to a partition that does not exist."""
    for agent in AGENTS.values():
        assert agent.state is None or agent.state.per_market == agent.source.per_market


@pytest.mark.parametrize(
    ("names", "message"), [(["ingest", "scoer"], "scoer"), ([], "ingest, score")]
)
def test_a_wrong_name_says_which_there_are(names: list[str], message: str) -> None:
    """A worker with a typo in its settings would run, and do nothing."""
    with pytest.raises(Misconfigured, match=message):
        build_stages(names, cluster=CLUSTER, classifier=NullClassifier())


def test_every_topic_that_a_stage_needs_is_made() -> None:
    """A worker would find no topic on the first day, or one with the wrong policy."""
    topics = {topic.name: topic.config for topic in required_topics(CLUSTER, timedelta(days=2))}
    needed = build_stages(NAMES, cluster=CLUSTER, classifier=NullClassifier())
    assert {stage.source for stage in needed} <= topics.keys()
    assert {stage.dead_letters for stage in needed} <= topics.keys()
    assert {stage.changelog for stage in needed if stage.changelog} <= topics.keys()
    assert {stage.positions for stage in needed if stage.positions} <= topics.keys()
    assert len(topics) == len(CHANNELS)


def test_the_detector_has_partitions_of_its_own() -> None:
    """A market would be cut in four, or its memory be written where it is never read."""
    for layout in (CLUSTER, CLUSTER.model_copy(update={"signal_partitions": 2})):
        topics = {topic.name: topic for topic in required_topics(layout, timedelta(days=2))}
        for single in ("blue.news.silences", "blue.state.sources", "blue.state.replays"):
            assert topics.pop(single).partitions == 1
        per_market = {
            name for name, topic in topics.items() if topic.partitions == layout.signal_partitions
        }
        assert per_market >= {"blue.news.signals", "blue.state.detect"}
        assert per_market.isdisjoint({"blue.news.raw", "blue.news.accepted", "blue.state.score"})
        for name in per_market:
            assert topics[name].setting == "NEWSQUAKE_KAFKA__SIGNAL_PARTITIONS"
        assert {topic.partitions for name, topic in topics.items() if name not in per_market} == {3}


def test_changelogs_are_compacted_and_nothing_else_is() -> None:
    """Memory and corrections would age away, or an article be replaced by the next of its key."""
    topics = {topic.name: topic.config for topic in required_topics(CLUSTER, timedelta(days=2))}
    compacted = {name for name, config in topics.items() if "compact" in config["cleanup.policy"]}
    states = {"blue.state.score", "blue.state.detect", "blue.state.positions"}
    assert compacted >= {*states, "blue.news.feedback", "blue.news.silences"}
    assert "retention.ms" not in topics["blue.news.silences"]
    written = {"news.raw", "news.accepted", "news.scored", "news.signals", "news.dead", "alerts"}
    assert compacted.isdisjoint({f"blue.{topic}" for topic in written})
    assert "retention.ms" not in topics["blue.state.detect"]
    assert topics["blue.state.score"]["retention.ms"] == str(2 * 86_400_000)
    assert topics["blue.news.raw"]["retention.ms"] == str(7 * 86_400_000)
    assert topics["blue.news.dead"]["retention.ms"] == str(90 * 86_400_000)


def test_a_dead_letter_of_the_largest_record_fits() -> None:
    """A record that comes in but cannot be set aside would stop the worker for good."""
    needed = required_topics(CLUSTER, timedelta(days=7))
    topics = {topic.name: int(topic.config["max.message.bytes"]) for topic in needed}
    assert topics["blue.news.dead"] >= topics["blue.news.raw"] + 2**20
    assert topics["blue.news.accepted"] < topics["blue.news.raw"]
