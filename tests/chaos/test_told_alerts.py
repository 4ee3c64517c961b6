"""Alerts of the demo reach programs and people, also while `notify` is killed."""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from demo.feed.generate import Feed, generate
from demo.player import Player
from demo.run import environment
from infra.backoff import Backoff
from infra.supervisor import Command, Supervisor
from schemas.alert import Alert
from schemas.channels import ALERTS, DEAD
from schemas.dead_letter import DeadLetter
from streams.kafka.topics import create_topics
from tests.chaos.outside import committed
from tests.chaos.receivers import Receivers, receivers

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.chaos,
    pytest.mark.alertmanager,
    pytest.mark.timeout(600),
]

ARTICLES = 3_000

CALM_SECONDS = 25.0
KILLED_SECONDS = 60.0
KILL_GAP = 5.0
PATIENCE = 120.0
_BACKOFF = Backoff(first_seconds=0.2, max_seconds=0.2, max_failures=10_000)


class Scene(NamedTuple):
    """The demo's cluster, feed and workers, and the receivers of its alerts.

    Attributes:
        layout: The cluster.
        feed: The news.
        notifying: Two workers with the agent `notify`.
        receivers: Who is told.
    """

    layout: ClusterLayout
    feed: Feed
    notifying: Supervisor
    receivers: Receivers

    async def play(self, seconds: float) -> None:
        """Play the feed, and wait until the planted surges are over."""
        await Player(self.layout, self.feed.sent, seconds).play()
        planted = {s.subject for s in self.feed.surges if s.subject.startswith("company:")}
        await self._until(lambda told: planted <= {a.subject for a in told if is_over(a)})

    async def until_told(self) -> list[Alert]:
        """Wait until every receiver was told of every change; return all changes."""
        return await self._until(
            lambda told: (
                {alert.event_id for alert in told}
                <= {name for taken in self.receivers.requests for name in taken.events}
                and {alert.event_id for alert in told} <= {*mail_keys(self.receivers)}
                and pages_of(told) <= {*self.receivers.changes}
            )
        )

    async def _until(self, is_done: Callable[[list[Alert]], bool]) -> list[Alert]:
        deadline = time.monotonic() + PATIENCE
        while True:
            records = await committed(self.layout, ALERTS)
            told = [Alert.from_event(record.value, record.headers) for record in records]
            if is_done(told) or time.monotonic() > deadline:
                return told
            await asyncio.sleep(1.0)


def is_over(alert: Alert) -> bool:
    """Return whether it is the end of an alert."""
    return alert.status == "resolved"


def mail_keys(told: Receivers) -> list[str]:
    """Return the keys of all mails, in order."""
    return [str(mail["X-Newsquake-Key"]) for mail in told.mails]


def pages_of(alerts: list[Alert]) -> set[tuple[str, str, str]]:
    """Return what Alertmanager is to say of changes: an escalation ends the severity before."""
    pages, severities = set(), dict[str, str]()
    for alert in alerts:
        before = severities.get(alert.id, alert.severity)
        if before != alert.severity:
            pages.add((alert.id, before, "resolved"))
        pages.add((alert.id, alert.severity, "resolved" if is_over(alert) else "firing"))
        severities[alert.id] = alert.severity
    return pages


@asynccontextmanager
async def playing(kafka: str, prefix: str, folder: Path, pause: float) -> AsyncIterator[Scene]:
    """Run the pipeline in one worker, `notify` in two, and the receivers."""
    layout = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(layout, required_topics(layout, timedelta(days=7)))
    environ: Mapping[str, str] = environment(os.environ, layout) | {
        "NEWSQUAKE_KAFKA__PREFIX": prefix,
        "NEWSQUAKE_NLP__MODEL": "lexicon",
    }
    async with receivers(folder, pause) as told:
        allowed = {name: route | {"allow_private": True} for name, route in told.routes.items()}
        routes = {"NEWSQUAKE_NOTIFY__ROUTES": orjson.dumps(allowed).decode()}
        argv = [str(Path(sys.executable).with_name("newsquake")), "worker"]
        pipeline = [Command("pipeline", argv, environ, folder / "pipeline.log")]
        notifying = [
            Command(
                name, [*argv, "--agents", "notify"], {**environ, **routes}, folder / f"{name}.log"
            )
            for name in ("notify-0", "notify-1")
        ]
        feed = generate(articles=ARTICLES)
        try:
            with ExitStack() as stack:
                stack.enter_context(Supervisor(pipeline, backoff=_BACKOFF))
                supervisor = stack.enter_context(Supervisor(notifying, backoff=_BACKOFF))
                yield Scene(layout, feed, supervisor, told)
        finally:
            for name in ("pipeline", "notify-0", "notify-1"):
                text = (folder / f"{name}.log").read_text()
                print(name, text[-3_000:])  # noqa: T201 - pytest shows it when the test fails


async def test_alerts_of_the_demo_are_told_once_each(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """A desk would not hear of a surge, or hear of it twice, or never that it is over."""
    async with playing(kafka, prefix, tmp_path, pause=0.0) as scene:
        await scene.play(CALM_SECONDS)
        alerts = await scene.until_told()
        told = scene.receivers
    assert {alert.status for alert in alerts} == {"firing", "escalated", "resolved"}
    events = Counter(alert.event_id for alert in alerts)
    assert set(events.values()) == {1}
    assert Counter(name for taken in told.requests for name in taken.events) == events
    assert all(taken.is_genuine for taken in told.requests)
    assert Counter(mail_keys(told)) == events
    assert told.changes == Counter(pages_of(alerts))
    assert await undelivered(scene.layout) == 0


async def test_killing_notify_every_five_seconds_loses_nothing(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """A desk would miss an alert when a machine fails, or could not tell a duplicate."""
    kills = 0
    async with playing(kafka, prefix, tmp_path, pause=0.5) as scene:
        playing_feed = asyncio.create_task(scene.play(KILLED_SECONDS))
        deadline = time.monotonic() + KILLED_SECONDS
        while time.monotonic() < deadline:
            await asyncio.sleep(KILL_GAP)
            kills += scene.notifying.kill(kills % 2) is not None
        in_time = len(scene.receivers.requests)
        await playing_feed
        alerts = await scene.until_told()
        told = scene.receivers
    print(f"{kills=} {in_time=} {len(alerts)=} {len(told.requests)=} {len(told.mails)=}")  # noqa: T201
    assert kills >= KILLED_SECONDS / KILL_GAP - 1
    assert {alert.status for alert in alerts} == {"firing", "escalated", "resolved"}
    events = {alert.event_id for alert in alerts}
    bodies = dict[str, bytes]()
    for taken in told.requests:
        assert taken.is_genuine
        assert bodies.setdefault(taken.key, taken.body) == taken.body
    names = [name for body in bodies.values() for name in orjson.loads(body)["alerts"]]
    assert sorted(name["event_id"] for name in names) == sorted(events)
    assert {*mail_keys(told)} == events
    ids = {(str(mail["X-Newsquake-Key"]), str(mail["Message-ID"])) for mail in told.mails}
    assert len(ids) == len(events)
    assert {*told.changes} == pages_of(alerts)
    assert await undelivered(scene.layout) == 0


async def undelivered(layout: ClusterLayout) -> int:
    """Return the number of alerts that were given up."""
    letters = await committed(layout, DEAD)
    reasons = [DeadLetter.from_headers(letter.headers).reason for letter in letters]
    return reasons.count("undelivered")
