"""Wrong values are refused before anything is installed, in words that name them."""

from typing import Any

import pytest

from tests.infra.kubernetes.rendering import refusal, template

EXISTING = {"existing": "mine", "keys": ["metrics.token", "dashboard.token"]}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"agent": {}}, "additional properties 'agent' not allowed"),
        ({"agents": {"judge": {}}}, "'/agents': additional properties 'judge' not allowed"),
        ({"agents": {"score": {"replicas": -1}}}, "'/agents/score/replicas': minimum: got -1"),
        ({"agents": {"ingest": {"gpu": {}}}}, "'/agents/ingest': additional properties 'gpu'"),
        ({"settings": {"kafka": {"bootstrap": "kafka"}}}, "'/settings/kafka/bootstrap': 'kafka'"),
        (
            {"settings": {"kafka": {"partition": 4}}},
            "additional properties 'partition' not allowed",
        ),
        (
            {"settings": {"kafka": {"password": "x"}}},
            "additional properties 'password' not allowed",
        ),
        ({"settings": {"detect": {"bin": "an hour"}}}, "'/settings/detect/bin': 'an hour'"),
        ({"settings": {"log": {"level": 3}}}, "'/settings/log/level'"),
        ({"settings": {"metrics": {"port": 0}}}, "settings.metrics.port is 0: probes need it"),
        (
            {"sources": {"Wires": {"args": ["rss", "u"]}}},
            "'/sources': additional properties 'Wires'",
        ),
        ({"sources": {"wires": {}}}, "'/sources/wires': missing property 'args'"),
        ({"networkPolicy": {"metrics": {"from": [{}]}}}, "'/networkPolicy/metrics/from/0'"),
        ({"strimzi": {"topics": True}}, "strimzi.cluster is empty: name the Kafka resource"),
        ({"strimzi": {"roles": ["king"]}}, "'/strimzi/roles/0': value must be one of"),
        ({"strimzi": {"users": "tls", "cluster": "a"}}, "settings.kafka.security PLAINTEXT"),
        (
            {"secret": EXISTING | {"values": {"a": "b"}}},
            "secret.existing and secret.values are both",
        ),
        ({"secret": EXISTING | {"keys": []}}, "secret.keys lacks metrics.token: put a token into"),
        ({"secret": EXISTING, "intake": {"enabled": True}}, "secret.keys lacks serve.token"),
    ],
    ids=str,
)
def test_a_wrong_value_is_named(values: dict[str, Any], words: str) -> None:
    """Who misspelt a value would look for hours why nothing happens."""
    assert words in refusal(values)


def test_tokens_do_not_go_with_scaling() -> None:
    """KEDA would fail for ever, and the agents would stay as few as they are."""
    kafka = {"security": "SASL_SSL", "sasl_mechanism": "OAUTHBEARER", "token_file": "/t"}
    said = refusal({"settings": {"kafka": kafka}, "keda": {"enabled": True}})
    assert "keda.enabled does not go with tokens (OAUTHBEARER)" in said


def test_the_notes_say_what_to_do_next() -> None:
    """Who installed it would not know how to see anything, nor that something is open."""
    values = {"agents": {"notify": {"enabled": True}, "ingest": {"replicas": 9}}}
    done = template(values, notes=True)
    assert done.returncode == 0, done.stderr
    notes = " ".join(done.stdout.partition("NOTES:")[2].split())
    assert "port-forward service/nq-newsquake-dashboard 8070" in notes
    assert "exec deployment/nq-newsquake-detect -- newsquake status" in notes
    assert "ingest has 9 replicas and 4 partitions to read" in notes
    assert "neither encrypted nor authenticated" in notes
    assert "notify runs and has no route" in notes
    assert "<no value>" not in done.stdout
