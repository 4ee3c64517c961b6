"""Every object of the chart, held to the schemas of Kubernetes and of the operators it is for."""

import json
from pathlib import Path

import pytest

from tests.infra.kubernetes.object_schemas import RELEASES, faults
from tests.infra.kubernetes.rendering import CHART, EXAMPLES, Object, of_kind, render
from tools.chart_files import files

CASES = {"defaults": (), **{name: (name,) for name in EXAMPLES}}
KINDS = {
    "ConfigMap", "Deployment", "Job", "KafkaTopic", "KafkaUser", "NetworkPolicy",
    "PodDisruptionBudget", "ScaledObject", "Secret", "Service", "ServiceAccount",
    "ServiceMonitor", "TriggerAuthentication",
}  # fmt: skip


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("case", CASES)
def test_every_object_is_valid(case: str, release: str) -> None:
    """The API server would refuse the release, half of which is there by then."""
    objects = render({}, *CASES[case])
    assert [fault for thing in objects for fault in faults(thing, release)] == []


def test_the_examples_make_every_kind() -> None:
    """A kind that no example makes would be held to no schema."""
    made = {thing["kind"] for case in CASES.values() for thing in render({}, *case)}
    assert made == KINDS


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        ("Deployment", "ingest", {"spec": {"replica": 2}}),
        ("NetworkPolicy", "", {"spec": {"podSelectors": {}}}),
        ("KafkaTopic", "news.raw", {"spec": {"partitions": 0}}),
        ("KafkaUser", "score", {"metadata": {"labels": {}}}),
        ("ScaledObject", "score", {"spec": {"maxReplicas": 4}}),
        ("TriggerAuthentication", "score", {"spec": {"secretTargetRef": []}}),
    ],
)
def test_a_wrong_object_is_noticed(kind: str, name: str, change: Object) -> None:
    """A schema that allows anything would hold nothing."""
    thing = of_kind(render({}, "strimzi"), kind)[name]
    assert not list(faults(thing, RELEASES[-1]))
    for table, fields in change.items():
        thing[table] |= fields
    assert len(list(faults(thing, RELEASES[-1]))) == 1


def test_what_is_taken_from_the_code_is_as_the_code_says() -> None:
    """Topics, rights or settings of the chart would be those of an earlier release."""
    remedy = "run python -m tools.chart_files"
    for path, text in files().items():
        assert path.read_text("utf-8") == text, f"{path.relative_to(CHART)}: {remedy}"


def test_names_are_unique_and_fit() -> None:
    """One object would take the place of another, or a long release name would break all."""
    for case in CASES.values():
        objects = render({"fullnameOverride": "n" * 40}, *case)
        names = [(thing["kind"], thing["metadata"]["name"]) for thing in objects]
        assert len(set(names)) == len(names)
        assert max(len(name) for _, name in names) <= 63


def test_the_chart_has_the_version_of_the_package() -> None:
    """The default tag would be an image that does not exist."""
    project = (Path(CHART).parents[1] / "pyproject.toml").read_text("utf-8")
    chart = (CHART / "Chart.yaml").read_text("utf-8")
    version = project.partition('\nversion = "')[2].partition('"')[0]
    assert f"\nversion: {version}\nappVersion: {version}\n" in chart
    assert json.loads((CHART / "values.schema.json").read_text("utf-8"))["properties"]["settings"]
