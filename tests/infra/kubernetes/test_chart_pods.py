"""The pods of the chart: what they run, may do, know, and how they are asked."""

from typing import Any

import pytest

from agents.pipeline import AGENTS
from infra.settings.model import Settings, load
from infra.settings.schema import settings_of
from infra.worker_port import LIVE, METRICS, READY
from tests.infra.kubernetes.rendering import EXAMPLES, Object, of_kind, pods, render, variables

EVERYTHING: dict[str, Any] = {
    "agents": {"notify": {"enabled": True}},
    "intake": {"enabled": True},
    "sources": {"wires": {"args": ["rss", "https://news.example/rss"]}},
}
CASES = [(), *((name,) for name in EXAMPLES)]
LOGIN = "kafka.password"
"""The key of a Secret that every pod needs."""


def _settings(objects: list[Object], name: str, **changes: str) -> Settings:
    """Return the settings that a pod's environment makes, each mounted secret being 'secret'."""
    environment = variables(objects, pods(objects)[name])
    chosen = {key: value for key, value in environment.items() if key.startswith("NEWSQUAKE_")}
    plain = {
        key.removesuffix("_FILE"): "secret"
        for key in chosen
        if key.endswith("_FILE") and "/run/secrets/newsquake/" in chosen[key]
    }
    kept = {key: value for key, value in chosen.items() if key.removesuffix("_FILE") not in plain}
    return load(None, kept | plain | changes)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_environment_of_every_pod_is_accepted(case: tuple[str, ...]) -> None:
    """A misspelt variable, or a port without a token, would end every pod at its start."""
    objects = render({}, *case)
    for name in pods(objects):
        settings = _settings(objects, name)
        has_port = name not in {"dashboard", "topics"}
        assert bool(settings.metrics.port) == has_port
        assert settings.log.format == "json"


def test_every_setting_can_be_set() -> None:
    """A setting that no value reaches could not be used on Kubernetes at all."""
    values: dict[str, dict[str, Any]] = {}
    defaults = Settings().model_dump(mode="json", by_alias=True)
    defaults["metrics"]["port"] = 9200
    for setting in settings_of(Settings).values():
        if not setting.is_secret or setting.is_collection:
            table, field = setting.path
            value = defaults[table][field]
            fallback = "6h" if setting.is_duration else "/folder"
            is_usable = value is not None and not setting.is_duration
            values.setdefault(table, {})[field] = value if is_usable else fallback
    values["detect"]["max_pending"] = 2_000_000
    values["detect"]["silenced"] = ["company:ACME", "topic:*"]
    data = of_kind(render({"settings": values}), "ConfigMap")[""]["data"]
    made = load(None, data | {"NEWSQUAKE_METRICS__TOKEN": "t"})
    assert made.detect.max_pending == 2_000_000
    assert made.detect.silenced == ("company:ACME", "topic:*")
    assert len(data) >= len(settings_of(Settings)) - 10


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_pod_may_do_more_than_it_must(case: tuple[str, ...]) -> None:
    """Who breaks into a worker would own its node, or ask the API server."""
    for pod in pods(render({} if "keda" in case else EVERYTHING, *case)).values():
        (container,) = pod["containers"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        assert "memory" in container["resources"]["limits"]


def test_probes_ask_what_the_code_serves() -> None:
    """Kubernetes would start pods again and again, or send work to those that can't do any."""
    objects = render(EVERYTHING)
    for name, pod in pods(objects).items():
        (container,) = pod["containers"]
        if name == "topics":
            assert "ports" not in container
            continue
        settings = _settings(objects, name)
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        live = _probe(container, "livenessProbe")
        assert _probe(container, "startupProbe") == live
        if name == "dashboard":
            assert ports == {"http": settings.dashboard.port}
            assert live == ("http", "/api/live", "HTTP")
            continue
        assert ports.pop("http", None) == (settings.serve.port if name == "intake" else None)
        assert ports == {"metrics": settings.metrics.port}
        assert live == ("metrics", LIVE, "HTTP")
        assert _probe(container, "readinessProbe") == ("metrics", READY, "HTTP")


def _probe(container: Object, name: str) -> tuple[str, str, str]:
    request = container[name]["httpGet"]
    assert container[name]["timeoutSeconds"] > 8  # the loop has 5 s to answer, and Kafka 3
    return request["port"], request["path"], request["scheme"]


def test_ports_with_certificates_are_asked_over_tls() -> None:
    """A port that speaks HTTPS alone would never answer its probes."""
    for name, pod in pods(render({}, "tls")).items():
        if name != "topics":
            (container,) = pod["containers"]
            assert _probe(container, "readinessProbe")[2] == "HTTPS"


def test_each_pod_gets_the_secrets_it_needs_and_no_others() -> None:
    """Who breaks into the dashboard would have the password of every route."""
    values = {**EVERYTHING, "secret": {"values": {"slack": "x", "kafka.password": "y"}}}
    objects = render(values)
    mounted = {
        name: {item["key"] for volume in pod["volumes"] for item in _items(volume)}
        for name, pod in pods(objects).items()
    }
    assert mounted == {
        "ingest": {LOGIN, "metrics.token"},
        "score": {LOGIN, "metrics.token"},
        "detect": {LOGIN, "metrics.token"},
        "notify": {LOGIN, "metrics.token", "slack"},
        "source-wires": {LOGIN, "metrics.token"},
        "intake": {LOGIN, "metrics.token", "serve.token"},
        "dashboard": {LOGIN, "dashboard.token"},
        "topics": {LOGIN},
    }


def _items(volume: Object) -> list[Object]:
    items: list[Object] = volume["secret"]["items"] if volume["name"] == "secret" else []
    return items


def test_tokens_are_made_and_differ() -> None:
    """Ports would be open to everybody, or all with one token that stands in the chart."""
    data = of_kind(render({}), "Secret")[""]["data"]
    tokens = {data[f"{table}.token"] for table in ("metrics", "serve", "dashboard")}
    assert len(tokens) == 3
    assert all(len(token) >= 40 for token in tokens)


def test_every_agent_runs_alone_and_stops_in_peace() -> None:
    """Two agents would share a port, or be killed before their last transaction ends."""
    objects = render(EVERYTHING)
    for name in AGENTS:
        (container,) = pods(objects)[name]["containers"]
        assert container["args"] == ["worker", "--agents", name]
    grace = pods(objects)["intake"]["terminationGracePeriodSeconds"]
    assert grace > 5 + 25  # before it stops, and for requests that it has
    budgets = of_kind(objects, "PodDisruptionBudget")
    assert budgets.keys() == {*AGENTS, "dashboard", "intake"}
    assert all(budget["spec"]["maxUnavailable"] == 1 for budget in budgets.values())


def test_a_graphics_card_is_asked_for_where_score_runs() -> None:
    """The large model would run on a CPU, ten times too slow, on a node without a card."""
    objects = render({}, "gpu")
    pod = pods(objects)["score"]
    (container,) = pod["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert pod["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert pod["tolerations"][0]["key"] == "nvidia.com/gpu"
    assert container["image"] == "newsquake:0.1.0-gpu"
    assert _settings(objects, "score").nlp.model == "auto"
    rollout = of_kind(objects, "Deployment")["score"]["spec"]["strategy"]["rollingUpdate"]
    assert rollout == {"maxSurge": 0, "maxUnavailable": 1}
    (other,) = pods(objects)["ingest"]["containers"]
    assert "nvidia.com/gpu" not in other["resources"]["limits"]
    assert "nodeSelector" not in pods(objects)["ingest"]


def test_metrics_are_scraped_with_the_token() -> None:
    """Prometheus would be refused by every pod."""
    (monitor,) = of_kind(render({"monitoring": {"enabled": True}}), "ServiceMonitor").values()
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["path"] == METRICS
    assert endpoint["authorization"]["credentials"] == {
        "name": "nq-newsquake",
        "key": "metrics.token",
    }


def test_each_workload_can_have_a_release_of_its_own() -> None:
    """Readers could not be upgraded before those who write for them, nor topics before both."""
    values = {
        "image": {"repository": "registry.example/newsquake", "tag": "1"},
        "topics": {"image": {"tag": "2"}},
        "agents": {"detect": {"image": {"tag": "2"}}},
    }
    images = {name: pod["containers"][0]["image"] for name, pod in pods(render(values)).items()}
    repository = "registry.example/newsquake"
    assert images == {
        "topics": f"{repository}:2",
        "detect": f"{repository}:2",
        "ingest": f"{repository}:1",
        "score": f"{repository}:1",
        "dashboard": f"{repository}:1",
    }
