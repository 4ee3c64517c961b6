"""Alerts, and a clock, for tests of routes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.notifying.routes import NotifySettings
from schemas.alert import Alert, Headline

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
MakeAlert = Callable[..., Alert]


def alert(**fields: Any) -> Alert:
    """Return an alert about ACME that has just fired, with ``fields`` changed."""
    subject = fields.get("subject", "company:ACME")
    headline = Headline(key="k", text="Acme warns of losses", published=NOW, negative=0.93)
    default: dict[str, Any] = {
        "id": f"id-{subject}",
        "subject": subject,
        "status": "firing",
        "severity": "minor",
        "onset": NOW - timedelta(hours=2),
        "detected_at": NOW,
        "volume": 21.0,
        "expected_volume": 4.2,
        "negative_share": 0.8,
        "expected_share": 0.2,
        "evidence": 6.0,
        "sources": 4,
        "stories": 21,
        "signals": 30,
        "headlines": (headline,),
        "model": "m",
        "rule": "r",
    }
    return Alert(**(default | fields))


@pytest.fixture(name="alert", scope="session")
def making_alert() -> MakeAlert:
    """Return `alert`, for tests to call."""
    return alert


def settings(**routes: dict[str, Any]) -> NotifySettings:
    """Return settings with ``routes``; a webhook unless they say otherwise."""
    webhook = {"to": "webhook", "url": "https://desk.example/hook"}
    return NotifySettings.model_validate(
        {"routes": {name: webhook | fields for name, fields in routes.items()}}
    )


@pytest.fixture(name="settings", scope="session")
def making_settings() -> Callable[..., NotifySettings]:
    """Return `settings`, for tests to call."""
    return settings
