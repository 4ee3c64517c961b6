"""Topics, users and scaling of the chart are those that the code needs."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.access import ROLES, rights
from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.pipeline import AGENTS
from tests.infra.kubernetes.rendering import Object, of_kind, pods, render

STRIMZI: dict[str, Any] = {"cluster": "news", "topics": True, "users": "tls"}
KINDS = {"topic": "topic", "group": "group", "transactionalId": "transactional-id"}


@pytest.mark.parametrize(
    ("kafka", "window", "kept"),
    [
        ({}, None, timedelta(days=7)),
        ({"prefix": "EU_1.", "partitions": 12, "replication": 1}, "36h", timedelta(hours=36)),
        ({"partitions": 2, "signal_partitions": 3, "replication": 2}, 90, timedelta(seconds=90)),
        ({"replication": 5}, "1.5d", timedelta(hours=36)),
    ],
)
def test_topics_are_those_of_topics_create(
    kafka: dict[str, Any], window: str | int | None, kept: timedelta
) -> None:
    """A topic with other partitions or retention ends workers, or loses what they remember."""
    cluster = ClusterLayout.model_validate({"replication": 3} | kafka)
    settings: dict[str, Any] = {"kafka": {"security": "SSL", **kafka}}
    if window is not None:
        settings["score"] = {"window": window}
    made = of_kind(render({"settings": settings, "strimzi": STRIMZI}), "KafkaTopic").values()
    assert {topic["metadata"]["labels"]["strimzi.io/cluster"] for topic in made} == {"news"}
    assert all(topic["spec"]["replicas"] == cluster.replication for topic in made)
    assert {
        topic["spec"]["topicName"]: (topic["spec"]["partitions"], topic["spec"]["config"])
        for topic in made
    } == {
        topic.name: (topic.partitions, dict(topic.config))
        for topic in required_topics(cluster, kept)
    }


def test_topics_outlive_the_release() -> None:
    """`helm uninstall` would delete months of news."""
    topics = of_kind(render({}, "strimzi"), "KafkaTopic").values()
    policies = {topic["metadata"]["annotations"]["helm.sh/resource-policy"] for topic in topics}
    assert policies == {"keep"}


@pytest.mark.parametrize("prefix", ["", "eu."])
def test_users_have_the_rights_of_their_roles(prefix: str) -> None:
    """A worker would be refused, or whoever steals its login could read and write everything."""
    values = {
        "settings": {"kafka": {"security": "SSL", "prefix": prefix}},
        "strimzi": {**STRIMZI, "roles": sorted(ROLES)},
    }
    users = of_kind(render(values), "KafkaUser")
    assert users.keys() == ROLES.keys()
    for role, user in users.items():
        granted = {
            (
                KINDS[acl["resource"]["type"]],
                acl["resource"]["name"],
                operation,
                acl["resource"]["patternType"] == "prefix",
            )
            for acl in user["spec"]["authorization"]["acls"]
            for operation in acl["operations"]
        }
        assert granted == {
            (right.resource, prefix + right.name, right.operation, right.is_prefix)
            for right in rights([role])
        }


def test_each_workload_logs_in_as_its_own_user() -> None:
    """A pod would wait for ever for a Secret that no operator makes."""
    objects = render({}, "strimzi")
    users = {user["metadata"]["name"] for user in of_kind(objects, "KafkaUser").values()}
    roles = {"dashboard": "dashboard", "topics": "operator", **{name: name for name in AGENTS}}
    for name, pod in pods(objects).items():
        (secret,) = (v["secret"]["secretName"] for v in pod["volumes"] if v["name"] == "kafka-user")
        assert secret == f"nq-newsquake-{roles[name]}"
        assert secret in users


def test_passwords_of_strimzi_are_used() -> None:
    """A user with a password would log in without it."""
    values = {
        "settings": {"kafka": {"security": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512"}},
        "strimzi": {**STRIMZI, "users": "scram-sha-512"},
        "keda": {"enabled": True},
    }
    objects = render(values)
    (container,) = pods(objects)["score"]["containers"]
    environment = {entry["name"]: entry["value"] for entry in container["env"]}
    assert environment["NEWSQUAKE_KAFKA__USERNAME"] == "nq-newsquake-score"
    file = environment["NEWSQUAKE_KAFKA__PASSWORD_FILE"]
    assert Path(file) == Path("/run/secrets/kafka-user/password")
    parameters = _parameters(of_kind(objects, "TriggerAuthentication")["score"])
    assert parameters["password"] == ("nq-newsquake-score", "password")
    assert parameters["username"] == ("nq-newsquake-keda", "score")
    names = of_kind(objects, "Secret")["keda"]["stringData"]
    assert names["score"] == "nq-newsquake-score"


def _parameters(authentication: Object) -> dict[str, tuple[str, str]]:
    references = authentication["spec"]["secretTargetRef"]
    return {it["parameter"]: (it["name"], it["key"]) for it in references}


def test_agents_are_scaled_on_the_lag_of_their_own_group() -> None:
    """The lag of another group says nothing; it would add pods that have nothing to read."""
    objects = render({}, "keda")
    scaled = of_kind(objects, "ScaledObject")
    assert scaled.keys() == {"ingest", "score"}  # detect has one partition, so one pod that works
    for name, thing in scaled.items():
        (trigger,) = thing["spec"]["triggers"]
        assert trigger["metadata"]["consumerGroup"] == f"eu.newsquake-{name}"
        assert trigger["metadata"]["topic"] == f"eu.{AGENTS[name].source.topic}"
        assert trigger["metadata"]["sasl"] == "scram_sha512"
        assert thing["spec"]["maxReplicaCount"] == 16
        assert thing["spec"]["minReplicaCount"] == 2
        deployment = of_kind(objects, "Deployment")[name]
        assert "replicas" not in deployment["spec"]  # an upgrade would undo what KEDA did
        assert thing["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    parameters = _parameters(of_kind(objects, "TriggerAuthentication")["score"])
    assert parameters["password"] == ("newsquake-secrets", "kafka.password")
    assert parameters["ca"] == ("kafka-ca", "ca.crt")


def test_every_agent_can_be_scaled_where_it_has_partitions() -> None:
    """An agent that the chart does not know the topic of would never get more pods."""
    values = {
        "settings": {"kafka": {"signal_partitions": 4, "partitions": 9}},
        "agents": {"notify": {"enabled": True}},
        "keda": {"enabled": True},
    }
    scaled = of_kind(render(values), "ScaledObject")
    assert {
        name: (thing["spec"]["triggers"][0]["metadata"]["topic"], thing["spec"]["maxReplicaCount"])
        for name, thing in scaled.items()
    } == {
        name: (agent.source.topic, 4 if agent.source.per_market else 9)
        for name, agent in AGENTS.items()
    }
