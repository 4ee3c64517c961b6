"""What pods of the chart reach, and who reaches them."""

from typing import Any

from tests.infra.kubernetes.rendering import Object, of_kind, render

SELECTOR = {"app.kubernetes.io/name": "newsquake", "app.kubernetes.io/instance": "nq"}
MONITORING = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]


def _policies(values: dict[str, Any], *examples: str) -> dict[str, Object]:
    policies = of_kind(render(values, *examples), "NetworkPolicy")
    return {name: policy["spec"] for name, policy in policies.items()}


def _ports(rule: Object) -> set[int]:
    return {port["port"] for port in rule["ports"]}


def test_by_default_pods_reach_kafka_and_names_alone() -> None:
    """Who breaks into a worker could send the news anywhere."""
    (policy,) = _policies({}).values()
    assert policy["podSelector"]["matchLabels"] == SELECTOR
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["ingress"] == []
    names, kafka = policy["egress"]
    assert _ports(names) == {53}
    assert names["to"]
    assert _ports(kafka) == {9092}


def test_ports_of_every_broker_are_open() -> None:
    """Workers would find one broker, and never the leader of their partition."""
    settings = {"kafka": {"bootstrap": "a:9093,b:9094,c:9093"}}
    policy = _policies({"settings": settings, "networkPolicy": {"kafka": {"ports": [9095]}}})[""]
    assert _ports(policy["egress"][1]) == {9093, 9094, 9095}


def test_only_who_leads_out_reaches_the_world() -> None:
    """Feeds and receivers of alerts could not be reached; or every pod could reach them."""
    policies = _policies({}, "tls")
    out = {
        name: _ports(policy["egress"][0])
        for name, policy in policies.items()
        if name and "egress" in policy
    }
    assert out == {"notify": {443}, "source-wires": {80, 443}}
    for name in out:
        labels = policies[name]["podSelector"]["matchLabels"]
        assert labels["app.kubernetes.io/component"] == name


def test_ports_are_open_to_those_who_are_named() -> None:
    """Prometheus, or who sends articles, would wait for an answer that never comes."""
    policies = _policies({}, "tls")
    (metrics,) = policies[""]["ingress"]
    assert metrics["from"] == MONITORING
    assert _ports(metrics) == {9200}
    for name, port in (("dashboard", 8070), ("intake", 8080)):
        (rule,) = policies[name]["ingress"]
        assert rule["from"][0]["namespaceSelector"]
        assert _ports(rule) == {port}
        assert policies[name]["policyTypes"] == ["Ingress"]


def test_policies_can_be_left_to_others() -> None:
    """A cluster with policies of its own would have two that nobody overlooks."""
    assert _policies({"networkPolicy": {"enabled": False}}, "tls") == {}
