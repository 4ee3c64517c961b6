"""The severity of an alert's news, from the signals to the alert."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson

from cli.view.records import alert_line, scored_line, signal_line
from detection.subject_state import Subject
from schemas.alert import Alert
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.record import Stored
from streams.testing.memory_log import MemoryLog

Planted = Callable[..., Awaitable[list[Stored]]]
Detecting = Callable[..., Any]
DAY = 86_400


def graver(records: Sequence[Stored], by: float = 0.0) -> list[Stored]:
    """Return signals with a severity: 0.1 for most, and 2.0 to 2.7 and ``by`` for the bad ones."""
    changed = []
    for number, record in enumerate(records):
        signal = Signal.from_bytes(record.value)
        severity = round(2.0 + number % 8 / 10 + by, 1) if signal.negative > 0.5 else 0.1
        value = signal.model_copy(update={"severity": severity}).to_bytes()
        changed.append(record._replace(value=value))
    return changed


async def alerts_of(detector: Any, records: Sequence[Stored], chunk: int = 500) -> list[Alert]:
    """Return the alerts of all signals, and of the time after them."""
    await detector.read(records, chunk=chunk)
    await detector.wait(30 * DAY)
    return list(detector.alerts)


async def test_an_alert_says_how_bad_the_worst_of_its_news_is(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A desk could not tell forty stories about a fee from forty about an explosion."""
    alerts = await alerts_of(detecting(), graver(await planted(log)))
    company = [alert for alert in alerts if alert.subject == "company:ACME"]
    assert company
    for alert in company:
        shown = [headline.severity or 0.0 for headline in alert.headlines]
        assert alert.news_severity == max(shown) >= 2.0


async def test_mild_news_weighs_less_than_grave_news(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """Forty stories about a fee would be as urgent as forty about an explosion."""
    records = await planted(log)
    grave, mild = [
        max(
            alert.evidence
            for alert in await alerts_of(detecting(), graver(records, by))
            if alert.subject == "company:ACME"
        )
        for by in (0.0, -1.6)
    ]
    assert 0.0 < mild < grave / 1.5


async def test_severities_change_no_order_of_headlines(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """The headline that a desk knows an alert by would leave its place."""
    records = await planted(log)
    without = await alerts_of(detecting(), records)
    with_severity = await alerts_of(detecting(), graver(records))
    first, again = (
        next(alert for alert in alerts if alert.subject == "company:ACME")
        for alerts in (without, with_severity)
    )
    assert [it.key for it in first.headlines] == [it.key for it in again.headlines]


async def test_a_restart_in_a_surge_loses_no_severity(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A replay, or a worker that takes over, would write other alerts under the same ids."""
    records = graver(await planted(log))
    whole, restarted = detecting(), detecting()
    await alerts_of(whole, records)
    for begin in range(0, len(records), 10):
        await restarted.read(records[begin : begin + 10])
        restarted.restart()
    await restarted.wait(30 * DAY)
    assert [m.value for m in restarted.messages] == [m.value for m in whole.messages]


async def test_severities_lie_in_blanks_of_the_state(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A model that gives severities would make the detector's memory unreadable, or too large."""
    records = await planted(log)
    before, after = detecting(), detecting()
    await before.read(records)
    await after.read(graver(records))
    states = [
        [value for key, value in sorted(detector.changelog.items()) if key.startswith(b"d|subject")]
        for detector in (before, after)
    ]
    assert states[0] != states[1]
    for plain, blank in zip(*states, strict=True):
        texts, _, _ = blank.partition(b"\n")
        plain_texts, _, _ = plain.partition(b"\n")
        assert texts.rstrip(b" \t") == plain_texts
        assert orjson.loads(texts) == orjson.loads(plain_texts)
        assert Subject.from_bytes(blank).to_bytes() == blank
        assert len(blank) < 2048


async def test_people_see_the_severity(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """The number would be in the JSON only, which nobody reads at night."""
    signal = graver(await planted(log))[-1]
    alerts = await alerts_of(detecting(), graver(log.read("news.signals")))
    alert = next(alert for alert in alerts if alert.subject == "company:ACME")
    _, _, numbers, headline, *_ = alert_line(_stored("alerts", alert.to_bytes())).splitlines()
    assert f"; severity up to {alert.news_severity} of 3" in numbers
    assert f"% {alert.headlines[0].severity}  {alert.headlines[0].text}" in headline
    assert "% 0.1  " in signal_line(signal)
    scored = ScoredArticle.from_bytes(log.read("news.scored")[0].value)
    assert " 1.2  " not in scored_line(_stored("news.scored", scored.to_bytes()))
    graded = scored.model_copy(update={"severity": 1.23})
    assert "% 1.2  " in scored_line(_stored("news.scored", graded.to_bytes()))


def _stored(topic: str, value: bytes) -> Stored:
    return Stored(topic, 0, 0, 0, b"k", value, ())
