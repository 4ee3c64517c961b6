"""Checks of docker-compose.yml and of the image that need no Docker engine."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.kafka.jars import KAFKA
from infra.settings.model import load

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "infra/docker/Dockerfile").read_text("utf-8")
GPU_DOCKERFILE = (ROOT / "infra/docker/Dockerfile.gpu").read_text("utf-8")


@pytest.fixture
def compose() -> dict[str, Any]:
    """The compose file, with its variables not replaced."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return document


@pytest.fixture
def project() -> dict[str, Any]:
    """The project's own description."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _default(text: str) -> str:
    """Replace ``${NAME:-default}`` by the default, as compose does if NAME is not set."""
    return re.sub(r"\$\{\w+:?-(.*?)\}", r"\1", text)


OURS = ("topics", "worker", "worker-gpu", "notify", "dashboard")
OTHERS = ("kafka", "prometheus", "alertmanager", "grafana")
WORKERS = ("worker", "worker-gpu", "notify")


def test_images_have_exact_tags(compose: dict[str, Any], project: dict[str, Any]) -> None:
    """The same file would run something else tomorrow."""
    images = {name: _default(service["image"]) for name, service in compose["services"].items()}
    version = project["project"]["version"]
    assert {images[name] for name in OURS} == {f"newsquake:{version}", f"newsquake:{version}-gpu"}
    assert images["kafka"] == f"apache/kafka:{KAFKA}"
    assert set(images) == {*OURS, *OTHERS}
    assert all(re.search(r":v?\d+\.\d+\.\d+", image) for image in images.values())
    base = re.search(r"^ARG BASE=(python:\d+\.\d+\.\d+\S+)$", DOCKERFILE, re.MULTILINE)
    assert base
    for name in ("worker", "worker-gpu"):
        assert _default(compose["services"][name]["build"]["args"]["BASE"]) == base[1]


def test_services_wait_for_what_they_need(compose: dict[str, Any]) -> None:
    """Workers would start before there are topics, and fail until there are."""
    waits = {
        name: {on: how["condition"] for on, how in service.get("depends_on", {}).items()}
        for name, service in compose["services"].items()
    }
    ready = {"kafka": "service_healthy", "topics": "service_completed_successfully"}
    expected = dict.fromkeys(OURS, ready) | {"topics": {"kafka": "service_healthy"}}
    assert waits == expected | {name: {} for name in OTHERS}


def test_each_profile_has_what_it_runs(compose: dict[str, Any]) -> None:
    """A profile of the manual would start nothing."""
    profiles = {name: service.get("profiles") for name, service in compose["services"].items()}
    assert profiles == {
        "prometheus": ["observability"],
        "alertmanager": ["observability"],
        "grafana": ["observability"],
        "kafka": None,
        "topics": None,
        "worker": ["core"],
        "worker-gpu": ["gpu"],
        "notify": ["notify"],
        "dashboard": ["dashboard"],
    }


def test_services_are_checked_and_restarted(compose: dict[str, Any]) -> None:
    """A worker that ended after a failure would not come back, or be taken for ready too early."""
    for name, service in compose["services"].items():
        if name != "topics":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name
    for name in WORKERS:
        assert "--ready" in compose["services"][name]["healthcheck"]["test"]


def test_services_are_kept_in_bounds(compose: dict[str, Any]) -> None:
    """One of them could take the machine's memory, or become its administrator."""
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert name == "kafka" or service["read_only"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name


def test_workers_can_be_scaled(compose: dict[str, Any]) -> None:
    """A second worker could not start: a name or host port belongs to one container only."""
    for name in WORKERS:
        assert not {"container_name", "ports"} & compose["services"][name].keys()


@pytest.mark.parametrize("service", OURS)
def test_all_settings_reach_the_containers(compose: dict[str, Any], service: str) -> None:
    """A setting could not be set, or a misspelt one would end every container."""
    described = compose["services"][service]
    assert [_default(file) for file in described["env_file"]] == [".env.example"]
    token = {"NEWSQUAKE_DASHBOARD__TOKEN": "a token"}
    environment = {name: _default(str(value)) for name, value in described["environment"].items()}
    assert load(None, environment | token).kafka.bootstrap == "kafka:9092"


def test_the_example_of_settings_holds(compose: dict[str, Any]) -> None:
    """Whoever takes away a comment sign would set what does not exist."""
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    pairs = [
        line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#?[A-Z_]+=", line)
    ]
    values = {name: value.strip("'") for name, value in pairs}
    ours = {name: value for name, value in values.items() if name.startswith("NEWSQUAKE_")}
    secrets = dict.fromkeys(("NEWSQUAKE_DASHBOARD__TOKEN", "NEWSQUAKE_METRICS__TOKEN"), "secret")
    assert load(None, ours | secrets).nlp.model == "lexicon"
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    used = {name for name in re.findall(r"\$\{(\w+)", text) if not name.startswith("NEWSQUAKE_")}
    assert used == values.keys() - ours.keys() - {"COMPOSE_PROFILES"}
    profiles = {name for it in compose["services"].values() for name in it.get("profiles", ())}
    assert values["COMPOSE_PROFILES"] in profiles


def test_the_broker_can_be_reached_from_inside_and_outside(compose: dict[str, Any]) -> None:
    """Clients are sent to the advertised address: a wrong one connects once and then never."""
    kafka = compose["services"]["kafka"]
    advertised = _default(kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"])
    assert advertised == "INTERNAL://kafka:9092,HOST://localhost:29092"
    assert [_default(port) for port in kafka["ports"]] == ["127.0.0.1:29092:9094"]
    assert kafka["environment"]["KAFKA_LISTENERS"].endswith("HOST://:9094")


def test_the_image_has_every_room(project: dict[str, Any]) -> None:
    """A command would fail to import the room that was forgotten."""
    rooms = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    let_in = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert set(rooms) <= set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    assert {f"!{room}" for room in rooms} <= set(let_in)


def test_the_image_runs_as_nobody_special() -> None:
    """Whoever breaks into the process would own the container."""
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)


def test_one_version_of_uv() -> None:
    """The image would resolve with other rules than everyone else."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    version = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert version
    assert f"ARG UV_VERSION={version[1]}\n" in DOCKERFILE


def test_both_images_are_made_alike() -> None:
    """The image for graphics cards can't be built everywhere: it would lack what the other has."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.startswith("#")]
    gpu = [line for line in GPU_DOCKERFILE.splitlines() if not line.startswith("#")]
    own = {"ARG EXTRAS", "ENV NVIDIA_VISIBLE_DEVICES", "HEALTHCHECK --interval"}
    differing = set(lines) ^ set(gpu)
    assert {" ".join(re.split(r"[ =]", line)[:2]) for line in differing} == own
