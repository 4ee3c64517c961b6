from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from agents.notifying.quiet_hours import is_quiet, parse_quiet_hours
from agents.notifying.routes import NotifySettings
from schemas.alert import Alert

Settings = Callable[..., NotifySettings]
MakeAlert = Callable[..., Alert]


@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        ({}, ["company:ACME", "topic:earnings", "market:all"]),
        ({"subjects": ["company:*"]}, ["company:ACME"]),
        ({"subjects": ["company:ACM"]}, []),
        ({"topics": ["earnings"]}, ["topic:earnings"]),
        ({"topics": ["earnings"], "subjects": ["market:*"]}, ["topic:earnings", "market:all"]),
        ({"kinds": ["market", "topic"]}, ["topic:earnings", "market:all"]),
        ({"kinds": ["topic"], "subjects": ["company:*"]}, []),
        ({"severity": "major"}, []),
    ],
)
def test_a_route_takes_what_its_settings_name(
    alert: MakeAlert, settings: Settings, fields: dict[str, Any], taken: list[str]
) -> None:
    """A desk would be woken for companies that are not its own, or not for those that are."""
    route = settings(desk=fields).routes["desk"]
    subjects = ["company:ACME", "topic:earnings", "market:all"]
    assert [name for name in subjects if route.takes(alert(subject=name))] == taken


def test_a_route_takes_its_severity_and_what_is_worse(alert: MakeAlert, settings: Settings) -> None:
    """A route for major alerts would keep quiet about the critical ones."""
    route = settings(desk={"severity": "major"}).routes["desk"]
    taken = [name for name in ("minor", "major", "critical") if route.takes(alert(severity=name))]
    assert taken == ["major", "critical"]


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "pigeon"},
        {"url": ""},
        {"url": "ftp://desk.example"},
        {"url": "file:///etc/passwd"},
        {"to": "pagerduty"},
        {"quiet": "22:00"},
        {"quiet": "22:00-25:00"},
        {"quiet": "07:00-07:00"},
        {"quiet_zone": "Europe/Nowhere"},
        {"quiet_zone": "../../etc/passwd"},
        {"severity": "grave"},
        {"to": "slack", "template": "$sentence $password"},
        {"to": "slack", "template": "100 $"},
        {"repeat": "yesterday"},
        {"unknown": 1},
        {"to": "email", "host": "mail.example"},
    ],
)
def test_a_route_that_can_not_work_is_refused(settings: Settings, fields: dict[str, Any]) -> None:
    """An operator would learn of a wrong route from the alert that did not come."""
    with pytest.raises(ValidationError):
        settings(desk=fields)


def test_spans_of_a_route_are_written_as_people_do(settings: Settings) -> None:
    """Spans of time would be written in one form here and in another everywhere else."""
    route = settings(desk={"repeat": "4h", "group_wait": "90", "budget": "PT30M"}).routes["desk"]
    spans = (route.repeat, route.group_wait, route.budget)
    assert spans == (timedelta(hours=4), timedelta(seconds=90), timedelta(minutes=30))


@pytest.mark.parametrize(
    ("text", "zone", "now", "quiet"),
    [
        ("22:00-07:00", "UTC", datetime(2026, 1, 1, 21, 59, tzinfo=UTC), False),
        ("22:00-07:00", "UTC", datetime(2026, 1, 1, 22, 0, tzinfo=UTC), True),
        ("22:00-07:00", "UTC", datetime(2026, 1, 2, 6, 59, 59, tzinfo=UTC), True),
        ("22:00-07:00", "UTC", datetime(2026, 1, 2, 7, 0, tzinfo=UTC), False),
        ("12:00-13:00", "UTC", datetime(2026, 1, 1, 12, 30, tzinfo=UTC), True),
        # Winter and summer in Berlin: 07:00 there is 06:00 and 05:00 in UTC.
        ("22:00-07:00", "Europe/Berlin", datetime(2026, 1, 2, 5, 30, tzinfo=UTC), True),
        ("22:00-07:00", "Europe/Berlin", datetime(2026, 7, 2, 5, 30, tzinfo=UTC), False),
        ("", "UTC", datetime(2026, 1, 1, tzinfo=UTC), False),
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(
    text: str, zone: str, now: datetime, *, quiet: bool
) -> None:
    """Half of the year people would be woken an hour too early."""
    assert is_quiet(parse_quiet_hours(text), zone, now) is quiet
