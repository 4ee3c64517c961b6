"""The way of a file to the output of ``watch``, through the real worker and a real broker."""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

Run = Callable[..., CompletedProcess[str]]
Working = Callable[[], AbstractContextManager[None]]

ROWS = 20

pytestmark = pytest.mark.kafka

UNDECODABLE: dict[str, bytes | None] = {
    "invalid UTF-8": b'{"headline": "caf\xe9", "published": "2024-01-01"}',
    "broken JSON": b'{"headline": "x"',
    "deep": b"[" * 10_000 + b"]" * 10_000,
    "large": b'{"headline": "%s"}' % (b"x" * 2_000_000),
    "no headline": b'{"published": "2024-01-01"}',
    "absurd date": b'{"headline": "x", "published": "the day after"}',
    "NaN": b'{"headline": "x", "published": NaN}',
    "wrong type": b'{"headline": [1, 2], "published": "2024-01-01"}',
    "null": b"null",
    "empty": b"",
    "tombstone": None,
}


def watched(newsquake: Run, what: str, idle: float = 4) -> list[dict[str, Any]]:
    """Read everything that is committed to a topic."""
    idle_option = ("--until-idle", str(idle))
    result = newsquake("watch", what, "--json", "--from-beginning", *idle_option)
    assert (result.returncode, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def after(newsquake: Run, what: str, count: int) -> list[dict[str, Any]]:
    """Read a topic until it has ``count`` records, or three times: a worker may start slowly."""
    for _ in range(3):
        records = watched(newsquake, what)
        if len(records) >= count:
            break
    return records


def create(newsquake: Run) -> None:
    """Create the topics."""
    result = newsquake("topics", "create")
    assert result.returncode == 0, result.stderr


def table(path: Path) -> Path:
    """Write a compressed table with one row that is broken, on line 3."""
    rows = [f"n{i},Profit falls {i},2024-01-01T10:00:{i:02}Z" for i in range(ROWS)]
    text = "\n".join(["nr,title,date", rows[0], "broken", *rows[1:]])
    path.write_bytes(gzip.compress(text.encode()))
    return path


def original(dead: dict[str, Any]) -> bytes | None:
    """Return the bytes that a dead letter keeps."""
    value = dead["value_base64"]
    return None if value is None else b64decode(value)


def test_a_table_is_published_and_each_row_scored_once(
    newsquake: Run, working: Working, tmp_path: Path
) -> None:
    """The first thing that a user tries would lose rows, or score some twice."""
    create(newsquake)
    mapping = "id=nr,headline=title,published=date"
    sent = newsquake("publish", str(table(tmp_path / "wire.csv.gz")), "--map", mapping)
    counted = f"published {ROWS}, skipped 1\nthe pipeline reads {ROWS} articles, 1 refused\n"
    assert (sent.returncode, sent.stdout) == (0, counted)
    assert "wire.csv.gz:3: skipped: has 1 cells" in sent.stderr
    with working():
        scored = after(newsquake, "scored", ROWS)
    headlines = sorted(record["article"]["headline"] for record in scored)
    assert headlines == sorted(f"Profit falls {i}" for i in range(ROWS))
    assert len({record["article"]["key"] for record in scored}) == ROWS


def test_a_mapped_column_that_is_missing_ends_with_2(newsquake: Run, tmp_path: Path) -> None:
    """A script could not tell a wrong mapping from a broker that is down."""
    create(newsquake)
    result = newsquake("publish", str(table(tmp_path / "wire.csv.gz")), "--map", "headline=name")
    assert result.returncode == 2
    assert "has no column name; the columns are nr, title, date" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bad_record_is_shown_with_its_reason_and_bytes(
    newsquake: Run, working: Working, tmp_path: Path
) -> None:
    """A producer could not be told what was wrong, nor the record be replayed."""
    create(newsquake)
    bad = b'{"headline":  "No date", "n": 1.10}'
    (tmp_path / "bad.jsonl").write_bytes(bad + b"\n")
    refused = newsquake("publish", str(tmp_path / "bad.jsonl"))
    assert refused.returncode == 2
    assert "bad.jsonl:1: skipped: published is missing" in refused.stderr
    sent = newsquake("publish", str(tmp_path / "bad.jsonl"), "--send-refused")
    assert (sent.returncode, sent.stdout.splitlines()[0]) == (0, "published 1, skipped 0")
    with working():
        (dead,) = after(newsquake, "dead", 1)
    assert dead["reason"] == "invalid"
    assert "published" in dead["message"]
    assert original(dead) == bad


async def _send(bootstrap: str, topic: str) -> None:
    max_bytes = 8 << 20
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, max_request_size=max_bytes
    ) as producer:
        for name, value in UNDECODABLE.items():
            await producer.send_and_wait(topic, value, key=name.encode())


async def test_unreadable_records_become_dead_letters_with_the_same_bytes(
    newsquake: Run, working: Working, kafka: str, prefix: str
) -> None:
    """One poisonous record would stop a worker for good, or vanish without a trace."""
    create(newsquake)
    await _send(kafka, f"{prefix}news.raw")
    with working():
        dead = after(newsquake, "dead", len(UNDECODABLE))
    assert {letter["key"]: original(letter) for letter in dead} == UNDECODABLE
    assert len(dead) == len(UNDECODABLE)
    assert all(letter["reason"] and letter["message"] for letter in dead)
    reasons = {letter["key"]: letter["reason"] for letter in dead}
    assert reasons["large"] == "too_large"
    assert {reasons[name] for name in ("invalid UTF-8", "broken JSON", "deep")} == {"undecodable"}
    assert {reasons[name] for name in ("no headline", "absurd date", "wrong type")} == {"invalid"}
