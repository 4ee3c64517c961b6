"""The demo's account: it closes after a run without losses, and names every difference."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.account import LATE, Account, Tally, balance
from demo.feed.generate import Feed, Sent, Surge
from schemas.alert import Alert, Headline

START = datetime(2031, 3, 9, 10, tzinfo=UTC)
SURGE = Surge("company:LKSF", START, START + timedelta(hours=5), "a recall")
FEED = Feed(
    sent=[Sent(None, b"", [], None, "article")] * 4,
    surges=(SURGE,),
    unique_articles=2,
    copies=1,
    dead=1,
)


def alert(subject: str = "company:LKSF", time: datetime = START, key: str = "a") -> Alert:
    """Return a firing alert with one headline, that of the article ``key``."""
    return Alert(
        id=f"{subject}-{time}",
        subject=subject,
        status="firing",
        onset=time,
        detected_at=time,
        negative_share=0.9,
        expected_share=0.2,
        volume=34.0,
        expected_volume=4.5,
        severity="major",
        sources=5,
        stories=34,
        evidence=20.0,
        signals=40,
        headlines=(Headline(key=key, text="Recall", published=time, negative=0.9),),
        model="lexicon",
        rule="1",
    )


SOUND = Tally(
    published=4,
    accepted={"a": 2, "b": 1},
    scored={"a": 1, "b": 1},
    dead=1,
    subjects={"a": ("company:LKSF",), "b": ("topic:credit", "company:CLDB")},
    signals=3,
    alerts=(alert(),),
)


def complaints(**changes: Any) -> str:
    """Return the problems of a sound tally with these changes, one a line."""
    return "\n".join(balance(replace(SOUND, **changes), FEED).problems)


def test_a_sound_run_closes() -> None:
    """The demo would fail although nothing was lost."""
    account = balance(SOUND, FEED)
    assert account.closes
    assert all(line.closes for line in account.lines)
    assert account.findings[0].alert == SOUND.alerts[0]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"published": 3}, "published: 3 instead of 4"),
        ({"dead": 0}, "dead letters: 0 instead of 1"),
        ({"dead": 2}, "scored + duplicates + dead: 5 instead of 4"),
        ({"accepted": {"a": 1, "b": 1}}, "duplicates: 0 instead of 1"),
        ({"scored": {"a": 2, "b": 1}}, "1 scored more than once: a"),
        ({"scored": {"a": 1}}, "1 accepted and never scored: b"),
        ({"scored": {"a": 1, "c": 1}}, "1 scored and never accepted: c"),
        ({"signals": 2}, "signals: 2 instead of 3"),
        ({"signals": 4}, "signals: 4 instead of 3"),
        ({"alerts": (alert(), alert())}, "1 alerts were sent more than once"),
        ({"alerts": ()}, "no alert for the planted surge on company:LKSF"),
    ],
)
def test_each_difference_is_named(changes: dict[str, Any], complaint: str) -> None:
    """A lost or doubled article would pass for a sound run."""
    assert complaint in complaints(**changes)


def test_a_loss_and_a_double_do_not_cancel_out() -> None:
    """Sums alone would close when one article is lost and another one is there twice."""
    lines = complaints(scored={"a": 2})
    assert "1 accepted and never scored: b" in lines
    assert "1 scored more than once: a" in lines


@pytest.mark.parametrize("time", [START - timedelta(seconds=1), SURGE.end + LATE * 1.01])
def test_an_alert_at_another_time_finds_no_surge(time: datetime) -> None:
    """A detector that fires whenever it likes would pass for one that found the surge."""
    account = balance(replace(SOUND, alerts=(alert(time=time),)), FEED)
    assert account.findings[0].alert is None
    assert len(account.false_alarms) == 1


def _with(other: Alert) -> Account:
    return balance(replace(SOUND, alerts=(alert(), other)), FEED)


def test_an_alert_elsewhere_is_a_false_alarm() -> None:
    """False alarms would go uncounted."""
    account = _with(alert("company:CLDB", key="b"))
    assert [alarm.subject for alarm in account.false_alarms] == ["company:CLDB"]
    assert account.closes


def test_an_alert_carried_by_the_surge_is_its_echo() -> None:
    """The topic of a planted surge would be called a false alarm."""
    account = _with(alert("topic:products", key="a"))
    assert [echo.subject for echo in account.echoes] == ["topic:products"]
    assert account.false_alarms == ()
