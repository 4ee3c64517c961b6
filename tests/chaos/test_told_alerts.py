"""Alerts of the demo reach programs and people, also while `notify` is killed."""

import asyncio
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from demo.feed.generate import generate
from demo.player import Player
from demo.run import environment
from infra.backoff import Backoff
from infra.supervisor import Command, Supervisor
from schemas.alert import Alert
from schemas.channels import ALERTS, DEAD
from schemas.dead_letter import DeadLetter
from streams.core.record import Stored
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
FEED_SECONDS = 20.0
SECONDS = 60.0
"""The time in which the alerts are written, and `notify` is killed."""
KILL_GAP = 5.0
PATIENCE = 180.0
STATUSES = {"firing", "escalated", "updated", "resolved"}
_BACKOFF = Backoff(first_seconds=0.2, max_seconds=0.2, max_failures=10_000)


async def make_cluster(kafka: str, prefix: str) -> ClusterLayout:
    """Return a cluster with topics of its own."""
    layout = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(layout, required_topics(layout, timedelta(days=7)))
    return layout


@contextmanager
def working(
    layout: ClusterLayout,
    folder: Path,
    names: Sequence[str],
    agents: str,
    routes: dict[str, dict[str, Any]],
) -> Iterator[Supervisor]:
    """Run workers, each started again when it dies; show their logs when the test fails."""
    allowed = {name: route | {"allow_private": True} for name, route in routes.items()}
    environ = environment(os.environ, layout) | {
        "NEWSQUAKE_KAFKA__PREFIX": layout.prefix,
        "NEWSQUAKE_NLP__MODEL": "lexicon",
        "NEWSQUAKE_NOTIFY__ROUTES": orjson.dumps(allowed).decode(),
    }
    argv = [str(Path(sys.executable).with_name("newsquake")), "worker", "--agents", agents]
    commands = [Command(name, argv, environ, folder / f"{name}.log") for name in names]
    try:
        with Supervisor(commands, backoff=_BACKOFF) as supervisor:
            yield supervisor
    finally:
        for name in names:
            print(name, (folder / f"{name}.log").read_text()[-3_000:])  # noqa: T201 - pytest shows it


def wait_until_started(folder: Path, name: str) -> None:
    """Wait until a worker reads: of changes that came before, Alertmanager is told the last."""
    log, deadline = folder / f"{name}.log", time.monotonic() + PATIENCE
    while not (log.exists() and "stage started" in log.read_text()):
        assert time.monotonic() < deadline, f"{name} did not start"
        time.sleep(0.2)


async def until(layout: ClusterLayout, is_done: Callable[[Sequence[Alert]], bool]) -> list[Stored]:
    """Return the records of alerts once they are as wanted, or time is up."""
    deadline = time.monotonic() + PATIENCE
    while True:
        records = await committed(layout, ALERTS)
        if is_done(alerts_of(records)) or time.monotonic() > deadline:
            return records
        await asyncio.sleep(1.0)


@pytest.fixture(scope="module")
def records(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> list[Stored]:
    """Play the demo's feed through the pipeline; return the records of its alerts."""
    folder, feed = tmp_path_factory.mktemp("demo"), generate(articles=ARTICLES)
    planted = {s.subject for s in feed.surges if s.subject.startswith("company:")}

    async def play() -> list[Stored]:
        layout = await make_cluster(kafka, f"test-{uuid.uuid4().hex[:12]}.")
        with working(layout, folder, ["pipeline"], "ingest,score,detect", {}):
            await Player(layout, feed.sent, FEED_SECONDS).play()
            return await until(
                layout,
                lambda alerts: planted <= {a.subject for a in alerts if a.status == "resolved"},
            )

    played = asyncio.run(play())
    assert {alert.status for alert in alerts_of(played)} == STATUSES
    return played


def alerts_of(records: Sequence[Stored]) -> list[Alert]:
    """Return the alerts in records."""
    return [Alert.from_event(record.value, record.headers) for record in records]


async def until_told(layout: ClusterLayout, told: Receivers) -> list[Alert]:
    """Wait until every receiver was told of every change; return all changes.

    Of changes that came while nobody told, Alertmanager is told the last.
    """

    def is_told(alerts: Sequence[Alert]) -> bool:
        events = {alert.event_id for alert in alerts}
        requests = {name for taken in told.requests for name in taken.events}
        last = {alert.id: alert for alert in alerts}.values()
        pages = {page_of(alert) for alert in last} <= {*told.changes}
        return events <= requests and events <= {*mail_keys(told)} and pages

    return alerts_of(await until(layout, is_told))


def mail_keys(told: Receivers) -> list[str]:
    """Return the keys of all mails, in order."""
    return [str(mail["X-Newsquake-Key"]) for mail in told.mails]


def page_of(alert: Alert) -> tuple[str, str, str]:
    """Return what Alertmanager is to say of a change by itself."""
    return alert.id, alert.severity, "resolved" if alert.status == "resolved" else "firing"


def pages_of(alerts: Sequence[Alert]) -> set[tuple[str, str, str]]:
    """Return what Alertmanager is to say of changes: an escalation ends the severity before."""
    pages, severities = set[tuple[str, str, str]](), dict[str, str]()
    for alert in alerts:
        before = severities.get(alert.id, alert.severity)
        if before != alert.severity:
            pages.add((alert.id, before, "resolved"))
        pages.add(page_of(alert))
        severities[alert.id] = alert.severity
    return pages


async def undelivered(layout: ClusterLayout) -> int:
    """Return the number of alerts that were given up."""
    letters = await committed(layout, DEAD)
    reasons = [DeadLetter.from_headers(letter.headers).reason for letter in letters]
    return reasons.count("undelivered")


async def write(layout: ClusterLayout, records: Sequence[Stored], seconds: float) -> None:
    """Write alerts in the order in which they were detected, spread over some time."""
    ordered = sorted(
        zip(alerts_of(records), records, strict=True), key=lambda it: it[0].detected_at
    )
    async with AIOKafkaProducer(bootstrap_servers=layout.bootstrap) as producer:
        for _, record in ordered:
            await producer.send_and_wait(
                layout.topic(ALERTS.topic),
                record.value,
                record.key,
                partition=record.partition,
                headers=list(record.headers),
            )
            await asyncio.sleep(seconds / len(records))


async def test_alerts_of_the_demo_are_told_once_each(
    kafka: str, prefix: str, tmp_path: Path, records: list[Stored]
) -> None:
    """A desk would not hear of a surge, or hear of it twice, or never that it is over."""
    layout = await make_cluster(kafka, prefix)
    async with receivers(tmp_path, pause=0.0) as told:
        with working(layout, tmp_path, ["notify"], "notify", told.routes):
            await asyncio.to_thread(wait_until_started, tmp_path, "notify")
            await write(layout, records, SECONDS)
            alerts = await until_told(layout, told)
            await asyncio.sleep(3.0)  # whatever would be told twice
    events = Counter(alert.event_id for alert in alerts)
    assert set(events.values()) == {1}
    assert Counter(name for taken in told.requests for name in taken.events) == events
    assert all(taken.is_genuine for taken in told.requests)
    assert Counter(mail_keys(told)) == events
    assert told.changes == Counter(pages_of(alerts))
    assert await undelivered(layout) == 0


async def test_killing_notify_every_five_seconds_loses_nothing(
    kafka: str, prefix: str, tmp_path: Path, records: list[Stored]
) -> None:
    """A desk would miss an alert when a machine fails, or could not tell a duplicate."""
    layout, names, kills = await make_cluster(kafka, prefix), ["notify-0", "notify-1"], 0
    async with receivers(tmp_path, pause=0.5) as told:
        with working(layout, tmp_path, names, "notify", told.routes) as workers:
            writing = asyncio.create_task(write(layout, records, SECONDS))
            deadline = time.monotonic() + SECONDS
            while time.monotonic() < deadline:
                await asyncio.sleep(KILL_GAP)
                kills += workers.kill(kills % len(names)) is not None
            told_meanwhile = len(told.requests)
            await writing
            alerts = await until_told(layout, told)
    assert kills >= SECONDS / KILL_GAP - 2
    assert told_meanwhile > 0
    events, bodies = {alert.event_id for alert in alerts}, dict[str, bytes]()
    for taken in told.requests:
        assert taken.is_genuine
        assert bodies.setdefault(taken.key, taken.body) == taken.body
    items = [item["event_id"] for body in bodies.values() for item in orjson.loads(body)["alerts"]]
    assert sorted(items) == sorted(events)
    mails = {(str(mail["X-Newsquake-Key"]), str(mail["Message-ID"])) for mail in told.mails}
    assert sorted(key for key, _ in mails) == sorted(events)
    assert {*told.changes} <= pages_of(alerts)
    assert await undelivered(layout) == 0
    duplicates = len(told.requests) - len(bodies), len(told.mails) - len(mails)
    print(f"{len(events)} told, {kills=}, {duplicates=}")  # noqa: T201 - pytest shows it
