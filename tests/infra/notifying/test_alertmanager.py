"""Alerts in a real Alertmanager: fired, escalated and resolved, each told once."""

import asyncio
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.notifying.routes import NotifySettings
from infra.notifying.courier import WebCourier
from schemas.alert import Alert
from tests.agents.notifying.conftest import alert
from tests.agents.notifying.worker import SECOND, Worker
from tests.infra.notifying.alertmanager import alertmanager
from tests.infra.notifying.failing_server import FailingServer, answer, failing_server


def settings(url: str, **fields: Any) -> NotifySettings:
    """Return settings with a route to Alertmanager, faster than those of a real one."""
    route = {"to": "alertmanager", "url": url, "allow_private": True}
    quick = {"heartbeat": "1s", "settle": "2s", "resend": "4s"}
    return NotifySettings.model_validate({"routes": {"am": route | quick | fields}})


def telling(url: str) -> Worker:
    """Return a worker that tells Alertmanager, at the time of the wall clock."""
    routes = settings(url)
    worker = Worker(routes, lambda: WebCourier(routes, "newsquake/test"))
    worker.now = round(time.time() * SECOND)
    return worker


async def live(worker: Worker, seconds: float) -> None:
    """Let the worker turn, by the wall clock."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        worker.now = round(time.time() * SECOND)
        await worker.turn()
        await asyncio.sleep(0.05)


def pages(server: FailingServer) -> list[set[tuple[str, str, str]]]:
    """Return what people were told: subject, severity and status of each alert of each page."""
    return [
        {
            (item["labels"]["subject"], item["labels"]["severity"], item["status"])
            for item in orjson.loads(body)["alerts"]
        }
        for _, body in server.requests
    ]


def heard(server: FailingServer) -> list[tuple[str, str, str]]:
    """Return each alert when it was first told with its status, in order."""
    return list(dict.fromkeys(item for page in pages(server) for item in sorted(page)))


@pytest.mark.alertmanager
async def test_a_burst_fires_in_one_page_escalates_and_resolves(tmp_path: Path) -> None:
    """The first page of a burst would name one of six alerts, or nobody be told that it grew."""
    subjects = [f"company:C{n}" for n in range(6)]

    def say(**fields: Any) -> list[Alert]:
        return [alert(subject=subject, **fields) for subject in subjects]

    async with (
        failing_server(answer("200 OK")) as server,
        alertmanager(tmp_path, server.url, wait=1) as url,
    ):
        worker = telling(url)
        for item in say():
            worker.write(item)
        await live(worker, 3.5)
        assert pages(server) == [{(subject, "minor", "firing") for subject in subjects}]

        worker.write(alert(subject=subjects[0], status="escalated", severity="critical"))
        await live(worker, 2.5)
        news = heard(server)[len(subjects) :]
        assert sorted(news) == [
            (subjects[0], "critical", "firing"),
            (subjects[0], "minor", "resolved"),
        ]

        worker.write(alert(subject=subjects[0], status="resolved", severity="critical"))
        await live(worker, 2.5)
        assert heard(server)[len(subjects) + 2 :] == [(subjects[0], "critical", "resolved")]

        # The others go on: their lease is longer than what has passed, and was prolonged.
        for item in say(status="resolved")[1:]:
            worker.write(item)
        await live(worker, 3.5)
        ended = {(subject, "minor", "resolved") for subject in subjects[1:]}
        assert set(heard(server)[len(subjects) + 3 :]) == ended
        assert worker.rejections == []


@pytest.mark.alertmanager
async def test_an_alert_holds_beyond_its_first_lease_and_through_a_kill(tmp_path: Path) -> None:
    """An alert would be told as resolved while it goes on, or as new after each restart."""
    async with (
        failing_server(answer("200 OK")) as server,
        alertmanager(tmp_path, server.url, wait=1) as url,
    ):
        worker = telling(url)
        worker.write(alert())
        for _ in range(4):
            await live(worker, 1.5)
            worker.kill()
        assert pages(server) == [{("company:ACME", "minor", "firing")}]


@pytest.mark.alertmanager
async def test_a_worker_that_is_gone_lets_its_alerts_time_out(tmp_path: Path) -> None:
    """An alert of a pipeline that was taken down would hang in Alertmanager for ever."""
    async with (
        failing_server(answer("200 OK")) as server,
        alertmanager(tmp_path, server.url, wait=1) as url,
    ):
        worker = telling(url)
        worker.write(alert())
        await live(worker, 2.0)
        await asyncio.sleep(8.0)
        assert heard(server)[-1] == ("company:ACME", "minor", "resolved")
