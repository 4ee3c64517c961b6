"""Rolling upgrades: agents of two releases, side by side on one cluster.

`tests/golden/records-*.jsonl` were written by release 0.1.0, at commit 7af09fe. They are never
written anew: a later release adds files of its own.
"""

import base64
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.cluster_layout import DOMAIN
from nlp.lexicon.lexicon import Lexicon
from schemas.alert import Alert
from schemas.article import Article
from schemas.dead_letter import DeadLetter
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from schemas.wire import EventPayload
from streams.core.record import Message, Stored, TopicPartition
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
Detecting = Callable[..., Any]
GOLDEN = Path(__file__).parents[1] / "golden"
DAY = 86_400
CUT = 105
"""Signals that the golden release had counted when it wrote its detector's state."""
PAYLOADS: dict[str, type[EventPayload]] = {
    "news.accepted": Article,
    "news.scored": ScoredArticle,
    "news.signals": Signal,
    "alerts": Alert,
}


def stored(topic: str, release: str = "records-") -> list[Stored]:
    """Return the golden release's records of a topic."""
    records = []
    for line in (GOLDEN / f"{release}{topic}.jsonl").read_bytes().splitlines():
        fields = orjson.loads(line)
        key, encoded = fields["key"], fields.get("value_base64")
        record = Stored(
            topic,
            fields["partition"],
            fields["offset"],
            fields["timestamp"],
            None if key is None else key.encode(),
            base64.b64decode(encoded) if encoded else fields["value"].encode(),
            [(name, text.encode()) for name, text in fields["headers"]],
        )
        records.append(record)
    return records


def message(record: Stored) -> Message:
    """Return a record as it is written again."""
    return Message(
        record.topic, record.key, record.value, record.headers, record.timestamp, record.partition
    )


def of_a_later_release(record: Stored) -> Stored:
    """Return a record with fields that no release knows yet, at the top and within."""
    fields = orjson.loads(record.value or b"")
    fields |= {"later_field": {"depth": 2}, "later_number": 1.5}
    for nested in (fields.get("article"), fields.get("sentiment"), *fields.get("headlines", ())):
        if nested is not None:
            nested["later_field"] = "x"
    return record._replace(value=orjson.dumps(fields))


async def resume_detector(detector: Any, signals: Sequence[Stored]) -> list[bytes]:
    """Continue from the golden state with the signals after the cut; return the alerts."""
    detector.changelog = {record.key: record.value for record in stored("state.detect")}
    detector.log = list(signals[:CUT])
    detector.restart()
    await detector.read(signals[CUT:], chunk=20)
    await detector.wait(30 * DAY)
    return [alert.value for alert in detector.messages]


def told(alert: bytes | None) -> tuple[str, str, str]:
    """Return what an alert says, but for what belongs to an algorithm: how early, how often."""
    fields = orjson.loads(alert or b"")
    is_over = fields["status"] == "resolved"
    return fields["subject"], fields["onset"], "resolved" if is_over else "begun"


@pytest.fixture
def log() -> MemoryLog:
    """Return an empty log."""
    return MemoryLog(partitions=2, counts=dict.fromkeys(DOMAIN, 1))


@pytest.mark.parametrize("topic", PAYLOADS)
def test_this_release_reads_what_the_golden_release_wrote(topic: str) -> None:
    """After an upgrade, what waits in the topics would become dead letters."""
    for record in stored(topic):
        payload = PAYLOADS[topic].from_event(record.value, record.headers)
        before, after = orjson.loads(record.value or b""), orjson.loads(payload.to_bytes())
        assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("topic", PAYLOADS)
def test_this_release_reads_what_a_later_one_writes(topic: str) -> None:
    """During an upgrade, every record of the agents that go first would become a dead letter."""
    for record in stored(topic):
        payload = PAYLOADS[topic].from_event(record.value, record.headers)
        later = of_a_later_release(record)
        assert later.value != record.value
        assert PAYLOADS[topic].from_event(later.value, later.headers) == payload


def test_this_release_reads_dead_letters_of_the_golden_release() -> None:
    """Nobody would see why records were set aside before the upgrade."""
    letters = [DeadLetter.from_headers(record.headers) for record in stored("news.dead")]
    assert [letter.reason for letter in letters] == ["invalid", "undecodable"]
    assert {letter.stage for letter in letters} == {"ingest"}
    assert {letter.version for letter in letters} == {"0.1.0"}


async def test_detect_goes_on_from_the_state_of_the_golden_release(detecting: Detecting) -> None:
    """An upgrade in the middle of a surge would forget it, or alert twice under other ids."""
    alerts = await resume_detector(detecting(), stored("news.signals"))
    former = {told(record.value) for record in stored("alerts")}
    assert {*map(told, alerts)} <= former
    assert {it for it in former if it[0] == "company:ACME"} <= {*map(told, alerts)}
    begun, ended = (
        {it[:2] for it in map(told, alerts) if it[2] == status} for status in ("begun", "resolved")
    )
    assert begun <= ended


async def test_detect_reads_the_signals_of_a_later_score(detecting: Detecting) -> None:
    """A later `score` would fill the dead letters with signals until the fuse stops `detect`."""
    signals = [of_a_later_release(record) for record in stored("news.signals")]
    detector = detecting()
    alerts = await resume_detector(detector, signals)
    assert detector.rejections == []
    assert alerts == await resume_detector(detecting(), stored("news.signals"))


class GoldenLexicon(Lexicon):
    """The word lists under the id that they had in the golden release."""

    model_id = "lexicon-1"


async def test_score_reads_the_articles_of_a_later_ingest(log: MemoryLog, run: Run) -> None:
    """A later `ingest` would fill the dead letters with articles until the fuse stops `score`."""
    log.append([message(of_a_later_release(record)) for record in stored("news.accepted")])
    await run(log, ["score"], classifier=GoldenLexicon())
    scored = {record.value for record in log.read("news.scored")}
    assert scored == {record.value for record in stored("news.scored")}
    assert log.read("news.dead") == []


async def test_score_goes_on_from_the_state_of_the_golden_release(log: MemoryLog, run: Run) -> None:
    """After an upgrade, copies of yesterday's articles would be scored and counted again."""
    log.append([message(record) for record in stored("state.score")])
    log.append([message(record) for record in stored("news.accepted")])
    await run(log, ["score"], classifier=Lexicon())
    assert log.read("news.scored") == []


async def test_a_later_major_version_is_set_aside(log: MemoryLog, run: Run) -> None:
    """Old agents would count records whose fields have another meaning."""
    record = stored("news.signals")[0]
    headers = [
        (name, b"newsquake.signal.v2" if name == "ce_type" else value)
        for name, value in record.headers
    ]
    log.append([message(record._replace(headers=headers))])
    await run(log, ["detect"])
    (dead,) = log.read("news.dead")
    assert dict(dead.headers)["newsquake.reason"] == b"unsupported_schema"
    assert log.after(TopicPartition("state.detect", 0), 0, 1) == []
