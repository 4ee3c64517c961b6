"""Routes: which alerts go where, when, and how often. Settings of the agent `notify`.

::

    [notify]
    page = "https://newsquake.example/alerts/{id}"

    [notify.routes.desk]
    to = "slack"
    url_file = "/run/secrets/slack"
    severity = "major"

A route is told of the changes of an alert, each once, in their order.
"""

from collections.abc import Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from string import Template
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from agents.notifying.quiet_hours import parse_quiet_hours
from agents.notifying.wording import TEMPLATE_NAMES
from schemas.alert import Alert, Severity
from schemas.durations import Duration

SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "major", "critical")
"""From the least to the greatest."""
Kind = Literal["company", "topic", "market"]
_ROUTE_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
_DAY: Final = timedelta(days=1)


def is_at_least(severity: Severity, minimum: Severity) -> bool:
    """Return whether ``severity`` is as great as ``minimum``, or greater."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(minimum)


class Route(BaseModel):
    """Settings that all routes have in common, whatever they speak."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_notices: int = Field(default=20, ge=1, le=100)
    """Alerts that one message tells of."""

    subjects: tuple[str, ...] = ()
    """Patterns such as ``company:AAPL`` or ``company:*``; with topics, those of either."""
    topics: tuple[str, ...] = ()
    """Names of topics: ``earnings`` is the subject ``topic:earnings``."""
    kinds: tuple[Kind, ...] = ()
    severity: Severity = "minor"
    """The least severity that is told."""
    resolved: bool = True
    """Whether the end of an alert is told."""
    updates: bool = True
    """Whether an alert that goes on is told again when another headline leads."""
    group: Literal["alert", "kind", "all"] = "alert"
    """What is told in one message."""
    group_wait: Duration = Field(default=timedelta(0), ge=timedelta(0), le=_DAY)
    """The time for which a message gathers."""
    repeat: Duration = Field(default=timedelta(0), ge=timedelta(0), le=_DAY * 30)
    """The time after which an alert that goes on is told again; 0: never."""
    rate: int = Field(default=0, ge=0, le=100_000)
    """Messages within `rate_window`; what is beyond waits, and shares the next. 0: any."""
    rate_window: Duration = Field(default=timedelta(hours=1), gt=timedelta(0), le=_DAY)
    quiet: str = ""
    """Hours such as ``22:00-07:00``, in which alerts wait."""
    quiet_zone: str = "UTC"
    quiet_below: Severity = "critical"
    """Alerts below this severity wait in quiet hours."""

    budget: Duration = Field(default=_DAY, gt=timedelta(0), le=_DAY * 7)
    """The time for which a message is tried, before its alerts become dead letters."""
    timeout: Duration = Field(
        default=timedelta(seconds=10), gt=timedelta(0), le=timedelta(minutes=2)
    )
    """The time for one attempt as a whole, however slowly the answer drips."""
    allow_private: bool = False
    """Whether the receiver may have an address of this machine or of a private network."""
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None

    @field_validator("quiet")
    @classmethod
    def _hours(cls, text: str) -> str:
        parse_quiet_hours(text)
        return text

    @field_validator("quiet_zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (OSError, KeyError, ValueError):  # no such zone, or no name of one
            raise ValueError(f"there is no time zone {name[:40]!r}") from None
        return name

    @property
    def is_stateful(self) -> bool:
        """Return whether the receiver is told what holds, again and again, and not what changed."""
        return False

    def takes(self, alert: Alert) -> bool:
        """Return whether the alert belongs to this route."""
        kind, _, name = alert.subject.partition(":")
        is_named = any(fnmatchcase(alert.subject, pattern) for pattern in self.subjects)
        is_listed = is_named or (kind == "topic" and name in self.topics)
        is_subject = is_listed or not (self.subjects or self.topics)
        is_kind = not self.kinds or kind in self.kinds
        is_wanted = self.updates or alert.status != "updated"
        return is_subject and is_kind and is_wanted and is_at_least(alert.severity, self.severity)


class _WebRoute(Route):
    url: SecretStr = SecretStr("")
    """The address; for many receivers it is the secret itself."""
    url_file: Path | None = None

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        address = self.url.get_secret_value()
        if not (address or self.url_file):
            raise ValueError("url or url_file must be set")
        if address and not address.startswith(("https://", "http://")):
            raise ValueError("url must begin with https:// or http://")
        return self


class AlertmanagerRoute(_WebRoute):
    """Prometheus Alertmanager, API v2; its address is that without ``/api/v2/alerts``.

    Alertmanager groups and repeats by itself, and is told every `heartbeat` what holds.
    """

    to: Literal["alertmanager"]
    max_notices: int = Field(default=100, ge=1, le=100)
    labels: Mapping[str, str] = {}
    """Further labels of all alerts."""
    heartbeat: Duration = Field(
        default=timedelta(minutes=1), ge=timedelta(seconds=1), le=timedelta(hours=1)
    )
    settle: Duration = Field(default=timedelta(minutes=1), ge=timedelta(0), le=timedelta(hours=1))
    """The time from the last message that an alert fires, or grew, to that of its end. It must be
    longer than `group_wait` and `group_interval` of Alertmanager, which never tells what ended
    within them."""
    resend: Duration = Field(default=timedelta(minutes=5), ge=timedelta(0), le=timedelta(hours=1))
    """The time for which the end of an alert is repeated."""

    @property
    def is_stateful(self) -> bool:
        """Return whether the receiver is told what holds, again and again, and not what changed."""
        return True


class _Worded(BaseModel):
    template: str = ""
    """A text with ``$sentence`` and other `TEMPLATE_NAMES`, in place of the built-in one."""

    @field_validator("template")
    @classmethod
    def _known_names(cls, text: str) -> str:
        template = Template(text)
        if not template.is_valid():
            raise ValueError("a $ that begins no name is written $$")
        if unknown := sorted({*template.get_identifiers()} - {*TEMPLATE_NAMES}):
            raise ValueError(f"no name {unknown[0]}: there are {', '.join(TEMPLATE_NAMES)}")
        return text


class SlackRoute(_WebRoute, _Worded):
    """A webhook that takes messages as Slack does: Slack, Mattermost, Rocket.Chat and others."""

    to: Literal["slack"]
    max_notices: int = Field(default=5, ge=1, le=5)


class PagerDutyRoute(_WebRoute):
    """PagerDuty Events API v2; `secret` is the routing key."""

    to: Literal["pagerduty"]
    url: SecretStr = SecretStr("https://events.pagerduty.com/v2/enqueue")
    max_notices: int = Field(default=1, ge=1, le=1)

    @model_validator(mode="after")
    def _has_key(self) -> Self:
        if not (self.secret.get_secret_value() or self.secret_file):
            raise ValueError("secret or secret_file must hold the routing key")
        return self


class WebhookRoute(_WebRoute):
    """JSON for programs; signed if `secret` is set (docs/notify.md)."""

    to: Literal["webhook"]
    max_notices: int = Field(default=100, ge=1, le=100)


class EmailRoute(Route, _Worded):
    """E-mail; `secret` is the password."""

    to: Literal["email"]
    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["tls", "starttls", "none"] = "starttls"
    username: str = ""
    sender: str = Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$")
    recipients: tuple[Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$")], ...] = Field(
        min_length=1, max_length=100
    )

    @model_validator(mode="after")
    def _keeps_the_password(self) -> Self:
        if self.username and self.security == "none" and not self.allow_private:
            raise ValueError("security none would send the password in clear text")
        return self


AnyRoute = Annotated[
    AlertmanagerRoute | SlackRoute | PagerDutyRoute | WebhookRoute | EmailRoute,
    Field(discriminator="to"),
]


class NotifySettings(BaseModel):
    """Where alerts go. Without a route the agent `notify` does not start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: str = Field(
        default="",
        pattern=r"^$|^https?://",
        description="The address of an alert's page, with {id} in place of the alert's id; empty: "
        "messages have no link.",
    )
    max_age: Duration = Field(
        default=_DAY,
        gt=timedelta(0),
        le=_DAY * 365,
        description="Changes of alerts that were written longer ago are not told: the first start "
        "on an old cluster does not page anybody for last year.",
    )
    routes: Mapping[Annotated[str, Field(pattern=_ROUTE_NAME)], AnyRoute] = Field(
        default={},
        description="The routes by name, each a table of its own (docs/notify.md).",
    )
