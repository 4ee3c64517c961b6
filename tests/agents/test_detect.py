"""Detection: the same alerts however the log is cut, wherever the worker is restarted."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from structlog.testing import capture_logs

from detection.rule import Rule
from schemas.alert import Alert
from schemas.signal import Signal
from streams.core.record import Message, Stored
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
Planted = Callable[..., Awaitable[list[Stored]]]
Detecting = Callable[..., Any]
HOUR = 3600
DAY = 24 * HOUR


def published(record: Stored) -> datetime:
    """Return the event time of a signal."""
    return Signal.from_bytes(record.value).published


async def test_a_planted_surge_fires_and_resolves(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A user would not hear of it, or hear of it twice, or for ever."""
    signals = await planted(log)
    detector = detecting()
    await detector.read(signals)
    await detector.wait(30 * DAY)
    ours = [alert for alert in detector.alerts if alert.subject == "company:ACME"]
    statuses = [alert.status for alert in ours]
    assert (statuses[0], statuses[-1]) == ("firing", "resolved")
    assert set(statuses[1:-1]) <= {"escalated", "updated"}
    assert len({alert.id for alert in ours}) == 1
    assert "bankruptcy" in ours[0].headlines[0].text
    for message in detector.messages:
        alert = Alert.from_bytes(message.value)
        assert message.key == alert.subject.encode()
        assert dict(message.headers)["ce_id"].startswith(f"{alert.id}.{alert.status}".encode())
    ids = [dict(message.headers)["ce_id"] for message in detector.messages]
    assert len(set(ids)) == len(ids)


class Escalating:
    """A population whose one alert grows worse twice, and becomes a discovery in between."""

    late = 0

    def __init__(self, alert: Alert) -> None:
        self.alerts = [
            alert.model_copy(
                update={"status": "escalated", "severity": severity, "discovery": discovery}
            )
            for severity, discovery in (("major", False), ("major", True), ("critical", True))
        ]

    def count(self, _: Signal) -> list[Alert]:
        alerts, self.alerts = self.alerts, []
        return alerts

    def advance(self, _: datetime) -> list[Alert]:
        return []

    def changes(self) -> list[Any]:
        return []


async def test_every_escalation_is_an_event_of_its_own(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """Whoever drops repeated events would miss that an alert became critical."""
    signals = await planted(log)
    detector, escalating = detecting(), detecting()
    await detector.read(signals)
    escalating.memory.population = Escalating(detector.alerts[0])
    await escalating.read(signals)
    ids = [dict(message.headers)["ce_id"] for message in escalating.messages]
    alert = detector.alerts[0]
    assert [event_id.decode() for event_id in ids] == [
        f"{alert.id}.escalated.major",
        f"{alert.id}.escalated.major.discovery",
        f"{alert.id}.escalated.critical.discovery",
    ]


async def test_silenced_subjects_do_not_alert(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """People who asked for quiet about a company would still be woken by it."""
    signals = await planted(log)
    detector = detecting(Rule(silenced=("company:AC*",)))
    await detector.read(signals)
    await detector.wait(30 * DAY)
    assert "company:ACME" not in {alert.subject for alert in detector.alerts}


async def test_an_alert_ends_though_nothing_more_comes(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A feed's last alert would be shown as firing for ever."""
    signals = await planted(log, quiet_after=0)
    detector = detecting()
    await detector.read(signals)
    assert all(alert.status != "resolved" for alert in detector.alerts)
    for _ in range(24 * 30):
        await detector.wait(HOUR)
    ours = [alert.status for alert in detector.alerts if alert.subject == "company:ACME"]
    assert (ours[0], ours[-1]) == ("firing", "resolved")
    assert await detector.wait(HOUR) == []


async def test_news_that_a_stage_was_late_with_still_counts(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """Half an hour without `score` would cost the detector the news of that half hour."""
    signals = sorted(await planted(log), key=published)  # as they come while they are news
    storm = next(n for n, signal in enumerate(signals) if b"bankruptcy" in (signal.value or b""))
    interrupted = detecting()
    await interrupted.read(signals[: storm + 20])
    for _ in range(30):
        await interrupted.wait(60)
    await interrupted.read(signals[storm + 20 :])
    await interrupted.wait(30 * DAY)
    assert interrupted.memory.population.late == 0
    undisturbed = detecting()
    await undisturbed.read(signals)
    await undisturbed.wait(30 * DAY)
    assert interrupted.alerts == undisturbed.alerts != []


async def test_late_signals_are_logged(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """Nobody would know that a feed's clock is off, and its news not counted."""
    signals = await planted(log)
    last = signals[-1]
    old = Signal.from_bytes(signals[0].value).model_copy(update={"key": "late"}).to_bytes()
    detector = detecting()
    with capture_logs() as lines:
        await detector.read([*signals, last._replace(offset=10_000, value=old)])
    (line,) = [line for line in lines if line["event"] == "late signals"]
    assert (line["out_of_order"], line["not_counted"], line["partition"]) == (1, 1, 0)


async def test_what_is_no_signal_is_set_aside(log: MemoryLog, run: Run) -> None:
    """Another writer's mistake would stop the worker."""
    log.append([Message("news.signals", b"company:ACME", b"\xff", [("x", b"y")])])
    await run(log, ["detect"])
    (dead,) = log.read("news.dead")
    assert (dead.key, dead.value, dead.headers[0]) == (b"company:ACME", b"\xff", ("x", b"y"))
    assert log.read("state.detect") == []


async def test_the_log_is_read_as_its_stages_write_it(
    log: MemoryLog, run: Run, planted: Planted, detecting: Detecting
) -> None:
    """Tests of the handler would prove nothing about the stage that runs it."""
    signals = await planted(log)
    await run(log, ["detect"], chunk=7)
    detector = detecting()
    await detector.read(signals)
    alerts = sorted(record.value or b"" for record in log.read("alerts"))
    assert alerts == sorted(message.value for message in detector.messages) != []
    assert {record.partition for record in log.read("state.detect")} == {0}
