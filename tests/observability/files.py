"""The files of Prometheus, Grafana and Alertmanager, as tests read them."""

import json
from pathlib import Path
from typing import Any

import yaml

FILES = Path(__file__).parents[2] / "infra/observability"
PROVISIONING = FILES / "grafana/provisioning"
BOARDS = sorted((PROVISIONING / "dashboards").glob("*.json"))
RULES = FILES / "prometheus/rules/newsquake.yml"
CONFIG = FILES / "prometheus/prometheus.yml"
ALERTMANAGER = FILES / "alertmanager/alertmanager.yml"


def board(file: Path) -> dict[str, Any]:
    """Return a dashboard."""
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return document


def panels(file: Path) -> list[dict[str, Any]]:
    """Return the panels of a dashboard that ask something."""
    return [panel for panel in board(file)["panels"] if panel["type"] != "row"]


def queries() -> list[tuple[str, str]]:
    """Return the title of a panel and each of its expressions."""
    return [
        (f"{file.stem}: {panel['title']}", target["expr"])
        for file in BOARDS
        for panel in panels(file)
        for target in panel["targets"]
    ]


def rules() -> list[dict[str, Any]]:
    """Return the rules of all groups."""
    document = yaml.safe_load(RULES.read_text("utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]
