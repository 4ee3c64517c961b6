"""Silences: an alert is raised as ever, and marked if somebody silenced it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from agents.silencing.silence_book import SilenceBook, silencing_id
from agents.silencing.silence_message import acknowledge, expired, new_silence, silence_message
from agents.silencing.silence_table import SilenceTable
from schemas.alert import Alert
from schemas.channels import SILENCES
from schemas.silence import Silence
from streams.core.record import Message, Stored, TopicPartition
from streams.testing.memory_log import MemoryLog

Planted = Callable[..., Awaitable[list[Stored]]]
Run = Callable[..., Awaitable[None]]
Detecting = Callable[..., Any]
TOPIC = SILENCES.topic
DAY = timedelta(days=1)
START = datetime.fromtimestamp(0, UTC)
"""The time at which the wall clock of a `Detector` begins."""


def silence(subject: str, duration: timedelta = DAY, since: datetime = START) -> Silence:
    """Return a silence of ``subject`` by ada."""
    return new_silence(subject, duration, who="ada", why="merger", now=since)


def say(log: MemoryLog, *silences: Silence) -> None:
    """Write silences to the log, as the command does."""
    log.append([silence_message(TOPIC, each) for each in silences])


def marks(messages: list[Message]) -> dict[str, set[str | None]]:
    """Return the ids of the silences that the alerts of each subject bear."""
    ids: dict[str, set[str | None]] = {}
    for message in messages:
        ids.setdefault((message.key or b"").decode(), set()).add(silencing_id(message.headers))
    return ids


def storm(signals: list[Stored]) -> int:
    """Return the number of signals before the alert of ACME fires, while it is pending."""
    numbers = [n for n, signal in enumerate(signals) if b"bankruptcy" in (signal.value or b"")]
    return numbers[len(numbers) // 2]


async def test_a_silence_set_while_an_alert_is_pending_holds_on_two_workers(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """People would be woken by what they silenced a minute ago, if another worker saw it."""
    signals = await planted(log)
    undisturbed = detecting()
    await undisturbed.read(signals)
    workers = [detecting(silences=SilenceTable(log, TOPIC)) for _ in range(2)]
    for worker in workers:
        await worker.read(signals[: storm(signals)])
        assert worker.messages == []
    acme = silence("company:ACME")
    say(log, acme)
    for worker in workers:
        await worker.read(signals[storm(signals) :])
        ours = [alert for alert in worker.alerts if alert.subject == "company:ACME"]
        assert ours[0].status == "firing"
        assert marks(worker.messages)["company:ACME"] == {acme.id}
        assert [message.value for message in worker.messages] == [
            message.value for message in undisturbed.messages
        ]


async def test_silences_change_no_byte_of_an_alert_whenever_they_are_read(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A replay would give other alerts than the first run, and other ids."""
    signals = await planted(log)
    plain = detecting()
    await plain.read(signals)
    say(log, silence("*"))
    silenced = detecting(silences=SilenceTable(log, TOPIC))
    for begin in range(0, len(signals), 13):
        await silenced.read(signals[begin : begin + 13], chunk=5)
        silenced.restart()
    values = [message.value for message in plain.messages]
    assert [message.value for message in silenced.messages] == values != []
    assert silenced.changelog == plain.changelog
    assert None not in set().union(*marks(silenced.messages).values())
    ids = [dict(message.headers)["ce_id"] for message in plain.messages]
    assert [dict(message.headers)["ce_id"] for message in silenced.messages] == ids


async def test_only_what_is_silenced_is_marked(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """Somebody else's silence would keep everybody's alerts from being told."""
    signals = await planted(log)
    say(log, silence("company:EMCA"), silence("topic:*"))
    detector = detecting(silences=SilenceTable(log, TOPIC))
    await detector.read(signals)
    assert marks(detector.messages)["company:ACME"] == {None}


async def test_a_silence_that_was_ended_or_is_over_marks_nothing(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """Alerts would stay unheard for ever after one merger."""
    signals = await planted(log)
    ended, over = silence("company:AC*"), silence("company:ACME", timedelta(seconds=1))
    say(log, ended, over, expired(ended, who="bob", now=START))
    detector = detecting(silences=SilenceTable(log, TOPIC))
    detector.wall = 1000
    await detector.read(signals)
    assert marks(detector.messages)["company:ACME"] == {None}


async def test_the_stage_commits_the_mark_once_with_the_alert(
    log: MemoryLog, run: Run, planted: Planted
) -> None:
    """Tests of the handler would prove nothing about the stage that runs it."""
    await planted(log)
    acme = silence("company:ACME", since=datetime.now(UTC))
    say(log, acme)
    for _ in range(2):
        await run(log, ["detect"], chunk=7, silences=SilenceTable(log, TOPIC))
    alerts = [record for record in log.read("alerts") if record.key == b"company:ACME"]
    assert {silencing_id(record.headers) for record in alerts} == {acme.id}
    events = [dict(record.headers)["ce_id"] for record in alerts]
    assert len(events) == len(set(events)) > 0


async def test_what_is_written_is_known_at_the_next_question() -> None:
    """A silence would hold only after a restart."""
    log = MemoryLog(counts={TOPIC: 1})
    table = SilenceTable(log, TOPIC)
    assert (await table.current()).everything() == []
    acme = silence("company:ACME")
    say(log, acme)
    assert (await table.current()).covering("company:ACME", START) == acme
    say(log, expired(acme, who="bob", now=START))
    book = await table.current()
    assert book.covering("company:ACME", START) is None
    assert [(said.who, said.why, said.expired_by) for said in book.everything()] == [
        ("ada", "merger", "bob")
    ]


async def test_a_topic_that_was_made_anew_is_read_from_its_start() -> None:
    """Silences of a cluster that is gone would hold until the worker is restarted."""
    log = MemoryLog(counts={TOPIC: 1})
    table = SilenceTable(log, TOPIC)
    say(log, silence("company:ACME"), silence("company:EMCA"))
    await table.current()
    log.truncate(TopicPartition(TOPIC, 0), 0)
    say(log, silence("topic:macro"))
    subjects = [said.subject for said in (await table.current()).everything()]
    assert subjects == ["topic:macro"]


async def test_what_is_no_silence_is_left_out_and_logged() -> None:
    """Another program's mistake would stop the detector, or silence somebody's alerts."""
    log = MemoryLog(counts={TOPIC: 1})
    acme = silence("company:ACME")
    say(log, acme)
    log.append([Message(TOPIC, acme.id.encode(), b"\xff", partition=0)])
    with capture_logs() as lines:
        book = await SilenceTable(log, TOPIC).current()
    assert book.everything() == []
    assert [line["offset"] for line in lines] == [1]


def test_of_several_silences_the_one_that_lasts_counts() -> None:
    """A page would say that the silence ends today, and it goes on for a week."""
    book = SilenceBook()
    short, long = silence("company:ACME"), silence("company:*", 7 * DAY)
    for said in (short, long, silence("company:AC*", 2 * DAY)):
        book.note(said.id, said)
    assert book.covering("company:ACME", START) == long
    assert book.covering("company:ACME", START + 8 * DAY) is None


def test_a_silence_holds_although_the_clock_of_its_author_is_ahead() -> None:
    """A laptop that is five minutes ahead would silence nothing for five minutes."""
    book = SilenceBook()
    said = silence("company:ACME", since=START + timedelta(minutes=5))
    book.note(said.id, said)
    assert book.covering("company:ACME", START) == said


@pytest.mark.parametrize("ended", [False, True])
def test_an_acknowledgement_is_of_one_alert_and_silences_nothing(ended: bool, alert: Alert) -> None:
    """The next alert of the subject would be taken for one that somebody looks after."""
    book = SilenceBook()
    said = acknowledge(alert, who="ada", why="", now=START)
    book.note(said.id, expired(said, who="ada", now=START) if ended else said)
    assert (book.acknowledgement(alert.id) == said) is not ended
    assert book.acknowledgement("another") is None
    assert book.covering(alert.subject, START) is None


@pytest.fixture
def alert() -> Alert:
    """Return an alert that fires."""
    return Alert(
        id="a1", subject="company:ACME", status="firing", severity="major", onset=START,
        detected_at=START, volume=14, expected_volume=3, negative_share=0.8, expected_share=0.2,
        evidence=9, sources=3, stories=14, signals=20, model="m", rule="1",
    )  # fmt: skip
