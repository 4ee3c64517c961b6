"""The stages and the topics between them: every name leads somewhere."""

from datetime import timedelta

import pytest

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.pipeline import NAMES, build_stages
from nlp.null import NullClassifier
from streams.core.errors import Misconfigured

CLUSTER = ClusterLayout(prefix="blue.", partitions=3, replication=3)


def test_stages_come_in_order_with_names_of_their_own() -> None:
    """Two pipelines on one cluster would fence each other's workers."""
    made = build_stages(
        ["detect", "ingest", "score"], cluster=CLUSTER, classifier=NullClassifier(), version="1.2"
    )
    assert [stage.name for stage in made] == list(NAMES)
    assert [stage.group for stage in made] == [f"blue.newsquake-{name}" for name in NAMES]
    assert [stage.source for stage in made] == [
        "blue.news.raw",
        "blue.news.accepted",
        "blue.news.signals",
    ]
    assert [stage.changelog for stage in made] == [None, "blue.state.score", "blue.state.detect"]
    assert {(stage.dead_letters, stage.version) for stage in made} == {("blue.news.dead", "1.2")}
    assert [bool(stage.tick_seconds) for stage in made] == [False, False, True]


@pytest.mark.parametrize(("names", "told"), [(["ingest", "scoer"], "scoer"), ([], "ingest, score")])
def test_a_wrong_name_says_which_there_are(names: list[str], told: str) -> None:
    """A worker with a typo in its settings would run, and do nothing."""
    with pytest.raises(Misconfigured, match=told):
        build_stages(names, cluster=CLUSTER, classifier=NullClassifier())


def test_every_topic_that_a_stage_needs_is_made() -> None:
    """A worker would find no topic on the first day, or one with the wrong policy."""
    made = {topic.name: topic.config for topic in required_topics(CLUSTER, timedelta(days=2))}
    needed = build_stages(NAMES, cluster=CLUSTER, classifier=NullClassifier())
    assert {stage.source for stage in needed} <= made.keys()
    assert {stage.dead_letters for stage in needed} <= made.keys()
    assert {stage.changelog for stage in needed if stage.changelog} <= made.keys()
    assert {stage.positions for stage in needed if stage.positions} <= made.keys()
    assert len(made) == 10


def test_the_detector_has_partitions_of_its_own() -> None:
    """A market would be cut in four, or its memory be written where it is never read."""
    for layout in (CLUSTER, CLUSTER.model_copy(update={"signal_partitions": 2})):
        made = {topic.name: topic for topic in required_topics(layout, timedelta(days=2))}
        own = {name for name, it in made.items() if it.partitions == layout.signal_partitions}
        assert own == {"blue.news.signals", "blue.state.detect"}
        for name in own:
            assert made[name].setting == "NEWSQUAKE_KAFKA__SIGNAL_PARTITIONS"
        assert {it.partitions for name, it in made.items() if name not in own} == {3}


def test_changelogs_are_compacted_and_nothing_else_is() -> None:
    """Memory and corrections would age away, or an article be replaced by the next of its key."""
    made = {topic.name: topic.config for topic in required_topics(CLUSTER, timedelta(days=2))}
    compacted = {name for name, config in made.items() if "compact" in config["cleanup.policy"]}
    states = {"blue.state.score", "blue.state.detect", "blue.state.positions"}
    assert compacted == {*states, "blue.news.feedback"}
    assert "retention.ms" not in made["blue.state.detect"]
    assert made["blue.state.score"]["retention.ms"] == str(2 * 86_400_000)
    assert made["blue.news.raw"]["retention.ms"] == str(7 * 86_400_000)
    assert made["blue.news.dead"]["retention.ms"] == str(90 * 86_400_000)


def test_a_dead_letter_of_the_largest_record_fits() -> None:
    """A record that comes in but cannot be set aside would stop the worker for good."""
    needed = required_topics(CLUSTER, timedelta(days=7))
    made = {topic.name: int(topic.config["max.message.bytes"]) for topic in needed}
    assert made["blue.news.dead"] >= made["blue.news.raw"] + 2**20
    assert made["blue.news.accepted"] < made["blue.news.raw"]
