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
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", text)


def test_images_have_exact_tags(compose: dict[str, Any], project: dict[str, Any]) -> None:
    """The same file would run something else tomorrow."""
    images = {name: service["image"] for name, service in compose["services"].items()}
    ours = f"newsquake:{project['project']['version']}"
    assert images == {"kafka": f"apache/kafka:{KAFKA}", "topics": ours, "worker": ours}
    assert re.search(r"ARG PYTHON_VERSION=\d+\.\d+\.\d+\n", DOCKERFILE)


def test_services_wait_for_what_they_need(compose: dict[str, Any]) -> None:
    """Workers would start before there are topics, and fail until there are."""
    waits = {
        name: {on: how["condition"] for on, how in service.get("depends_on", {}).items()}
        for name, service in compose["services"].items()
    }
    assert waits == {
        "kafka": {},
        "topics": {"kafka": "service_healthy"},
        "worker": {"kafka": "service_healthy", "topics": "service_completed_successfully"},
    }


def test_services_are_checked_and_restarted(compose: dict[str, Any]) -> None:
    """A worker that ended after a failure would not come back."""
    services = compose["services"]
    assert all(services[name]["healthcheck"]["test"] for name in ("kafka", "worker"))
    assert services["worker"]["restart"] == "always"
    assert services["kafka"]["restart"] == "unless-stopped"


def test_workers_can_be_scaled(compose: dict[str, Any]) -> None:
    """A second worker could not start: a name or host port belongs to one container only."""
    assert not {"container_name", "ports"} & compose["services"]["worker"].keys()


@pytest.mark.parametrize("service", ["topics", "worker"])
def test_all_settings_exist(compose: dict[str, Any], service: str) -> None:
    """A misspelt variable ends every container at its start."""
    environment = compose["services"][service]["environment"]
    settings = load(None, {name: _default(value) for name, value in environment.items()})
    assert settings.kafka.bootstrap == "kafka:9092"


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
    assert re.search(r"^USER newsquake$", DOCKERFILE, re.MULTILINE)


def test_one_version_of_uv() -> None:
    """The image would resolve with other rules than everyone else."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    version = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert version
    assert f"ARG UV_VERSION={version[1]}\n" in DOCKERFILE
