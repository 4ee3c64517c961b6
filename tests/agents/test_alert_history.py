"""Past alerts: put together from their changes, filtered, and said in words."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from agents.telling.alert_filter import AlertFilter
from agents.telling.alert_history import PastAlerts, past_alerts, with_id
from agents.telling.alert_sentence import alert_sentence, local_time
from schemas.alert import Alert
from schemas.silence import SILENCED_HEADER
from streams.core.record import Stored

START = datetime(2026, 3, 3, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = timezone(HOUR)


def change(
    name: str, status: str, hours: int, *, partition: int = 0, silence: str = "", **fields: Any
) -> Stored:
    """Return the record of a change that is written some hours after `START`."""
    when = START + hours * HOUR
    alert = Alert.model_validate(
        {
            "id": name, "subject": "company:ACME", "status": status, "severity": "minor",
            "onset": START - HOUR, "detected_at": when, "volume": 14.0, "expected_volume": 3.0,
            "negative_share": 0.8, "expected_share": 0.2, "evidence": 9.5, "sources": 3,
            "stories": 14, "signals": 20, "model": "m", "rule": "1", **fields,
        }
    )  # fmt: skip
    headers = [(SILENCED_HEADER, silence.encode())] if silence else []
    milliseconds = int(when.timestamp() * 1000)
    key = alert.subject.encode()
    return Stored("alerts", partition, hours, milliseconds, key, alert.to_bytes(), headers)


RECORDS = [
    # As they lie in two partitions, one after the other.
    change("aa11", "firing", 0),
    change("aa11", "resolved", 9, severity="major"),
    change("bb22", "firing", 2, subject="topic:macro", severity="critical", silence="s1"),
    change("ab33", "firing", 5, subject="market:all"),
    change("aa11", "escalated", 3, severity="major", partition=1),
]


def ids(past: PastAlerts, wanted: AlertFilter) -> list[str]:
    """Return the ids of the alerts that are asked for."""
    return [history.latest.id for history in past.histories if wanted.takes_history(history)]


def test_changes_become_alerts_in_the_order_in_which_they_were_written() -> None:
    """An alert that resolved would be shown as open, since topics grew in between."""
    first, second, third = past_alerts(RECORDS).histories
    assert [each.alert.status for each in first.changes] == ["firing", "escalated", "resolved"]
    assert (first.is_open, first.began, first.ended) == (False, START, START + 9 * HOUR)
    assert (second.is_open, second.ended, second.changes[0].silence) == (True, None, "s1")
    assert third.latest.subject == "market:all"


def test_a_record_that_is_no_alert_is_counted_and_hides_no_other() -> None:
    """One foreign record would end the list of all alerts."""
    past = past_alerts([Stored("alerts", 0, 0, 0, None, b"\xff", ()), *RECORDS])
    assert (len(past.histories), past.unreadable) == (3, 1)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AlertFilter(), ["aa11", "bb22", "ab33"]),
        (AlertFilter(subject="company:AC*"), ["aa11"]),
        (AlertFilter(kind="topic"), ["bb22"]),
        (AlertFilter(kind="market"), ["ab33"]),
        (AlertFilter(severity="major"), ["aa11", "bb22"]),
        (AlertFilter(severity="critical"), ["bb22"]),
        (AlertFilter(only_open=True), ["bb22", "ab33"]),
        (AlertFilter(since=START + 10 * HOUR), ["bb22", "ab33"]),
        (AlertFilter(since=START + 9 * HOUR), ["aa11", "bb22", "ab33"]),
        (AlertFilter(until=START + 2 * HOUR), ["aa11"]),
        (AlertFilter(kind="company", only_open=True), []),
    ],
)
def test_filters(wanted: AlertFilter, expected: list[str]) -> None:
    """People would read the alerts of a year to find one."""
    assert ids(past_alerts(RECORDS), wanted) == expected


def test_an_alert_is_named_by_the_beginning_of_its_id_or_its_subject_while_open() -> None:
    """People would have to copy sixteen digits, or acknowledge one that is long over."""
    histories = past_alerts(RECORDS).histories
    assert [each.latest.id for each in with_id(histories, "a")] == ["aa11", "ab33"]
    assert [each.latest.id for each in with_id(histories, "market:all")] == ["ab33"]
    assert with_id(histories, "company:ACME") == []


def test_an_alert_can_be_read_out() -> None:
    """A person on the telephone would have to put signs and numbers into words."""
    alert = Alert.from_bytes(change("x", "firing", 0, severity="major").value)
    assert alert_sentence(alert, BERLIN) == (
        "Negative news about ACME surges: 14 stories since Tuesday 3 March 08:00, where 3.0 are "
        "usual; 80 percent of them negative, where 20 are usual. The surge is major."
    )
    over = alert.model_copy(update={"status": "resolved", "volume": 1.0})
    assert alert_sentence(over, BERLIN).startswith(
        "News about ACME is back to normal: 1 story since"
    )
    assert alert_sentence(over, BERLIN).endswith("The surge was major.")


def test_times_are_local_and_say_so() -> None:
    """People would miss by an hour what the list says."""
    assert local_time(START, BERLIN) == "2026-03-03 09:00 +0100"
