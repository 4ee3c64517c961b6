"""The health of a process that follows feeds, asked from another thread."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra import worker_health
from infra.feeds.feed_health import FeedHealth
from infra.feeds.report import Report


@contextmanager
def health(*, kafka: bool = True) -> Iterator[tuple[FeedHealth, Report]]:
    """Yield the health of a process whose event loop turns in a thread, and its report."""
    loop, report = asyncio.new_event_loop(), Report()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def answers() -> bool:
        return kafka

    try:
        yield FeedHealth(report.agents, loop, answers, report), report
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_it_is_ready_until_a_feed_fails_again_and_again() -> None:
    """A process that brings nothing in would look well."""
    with health() as (asked, report):
        assert (asked.live(), asked.ready()) == ([], [])
        for _ in range(3):
            report.failed("wire", "status", "status 500", 1.0)
        (problem,) = asked.ready()
        assert problem.startswith("wire failed 3 times in a row")
        assert asked.live() == []


def test_it_is_not_ready_without_kafka() -> None:
    """Articles would pile up at their sources while all probes are green."""
    with health(kafka=False) as (asked, _):
        assert asked.ready() == ["kafka does not answer"]


def test_it_does_not_live_when_its_event_loop_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process that hangs would never be started again."""
    monkeypatch.setattr(worker_health, "LOOP_SECONDS", 0.2)
    hangs = threading.Event()
    with health() as (asked, _):
        asked.loop.call_soon_threadsafe(hangs.wait)
        (problem,) = asked.live()
        hangs.set()
    assert "event loop has not answered" in problem
