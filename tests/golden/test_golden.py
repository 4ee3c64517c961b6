"""Alerts, detector states and numbers that a refactoring must leave as they are, byte for byte."""

import csv
import gzip
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path

import orjson
import pytest

from agents.cluster_layout import DOMAIN, ClusterLayout
from agents.pipeline import NAMES, build_stages
from demo.feed.generate import generate
from detection.rule import Rule
from detection.series.series import Series
from nlp.lexicon.lexicon import Lexicon
from schemas.alert import Alert
from streams.core.record import Message, Stored
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

FOLDER = Path(__file__).parent
DATA = Path(__file__).parents[3] / "shared/data"
PARTITIONS = 2
TEN_YEARS_MS = 10 * 366 * 86_400_000
"""Producers' clocks are not believed where they are ahead, and the demo plays in 2031."""
TOPICS = ("news.accepted", "news.dead", "news.scored", "news.signals", "state.detect")


async def run_pipeline(messages: Sequence[Message]) -> MemoryLog:
    """Send ``messages`` through all agents, with the word lists as the model."""
    log = MemoryLog(partitions=PARTITIONS, counts=dict.fromkeys(DOMAIN, 1))
    log.append(messages)
    for stage in build_stages(
        NAMES,
        cluster=ClusterLayout(partitions=PARTITIONS),
        classifier=Lexicon(),
        rule=Rule(max_ahead=timedelta(days=36_500)),
    ):
        await drain(log, stage)
    return log


def demo_messages() -> Iterator[Message]:
    """Return the demo's feed as records, each sent ten years before its article was published."""
    time = datetime(2031, 1, 1, tzinfo=UTC)
    for number, sent in enumerate(generate(articles=4_000).sent):
        time = max(time, sent.published or time)
        yield Message(
            "news.raw",
            sent.key,
            sent.value,
            sent.headers,
            partition=number % PARTITIONS,
            timestamp=round(time.timestamp() * 1000) - TEN_YEARS_MS,
        )


def reuters_messages() -> Iterator[Message]:
    """Return eleven weeks of real headlines that name a company."""
    path = DATA / "reuters/company_mentions_2007_2009.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["timestamp_utc"] >= "2008-07-15"]
    for number, row in enumerate(islice(rows, 9_000)):
        time = datetime.strptime(row["timestamp_utc"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        body = {"headline": row["title"], "published": time.isoformat(), "tickers": [row["ticker"]]}
        yield Message(
            "news.raw",
            None,
            orjson.dumps(body),
            partition=number % PARTITIONS,
            timestamp=round(time.timestamp() * 1000),
        )


def numbers_of(record: Stored) -> bytes:
    """Return an alert without its headlines' texts, which are their publishers'."""
    alert = orjson.loads(record.value or b"{}")
    alert["headlines"] = [{**it, "text": ""} for it in alert["headlines"]]
    return orjson.dumps(alert)


def digests(log: MemoryLog) -> Iterator[bytes]:
    """Return the SHA-256 of each topic's keys and values, in their order.

    Of the detector's memory that is all that subjects remember; the rest has times of the wall
    clock in it.
    """
    for topic in TOPICS:
        sums = sha256()
        for record in log.read(topic):
            if topic != "state.detect" or (record.key or b"").startswith(b"d|"):
                sums.update(b"%r %r\n" % (record.key, record.value))
        yield f"{topic} {sums.hexdigest()}".encode()


def compare(name: str, lines: Iterable[bytes], update: bool) -> None:
    """Compare ``lines`` with those of the golden file ``name``."""
    path, text = FOLDER / name, b"".join(line + b"\n" for line in lines)
    if update:
        path.write_bytes(text)
    assert text.decode() == path.read_text(encoding="utf-8")


@pytest.fixture
def update() -> bool:
    """Return whether golden files are written anew instead of compared."""
    return "UPDATE_GOLDEN" in os.environ


async def test_the_demo_feed_gives_the_alerts_of_the_golden_file(update: bool) -> None:
    """A change that was meant to move code would move alerts, or the state they are made of."""
    log = await run_pipeline(list(demo_messages()))
    compare("demo-alerts.jsonl", (it.value or b"" for it in log.read("alerts")), update)
    compare("demo-digests.txt", digests(log), update)


async def test_real_headlines_give_the_alerts_of_the_golden_file(update: bool) -> None:
    """A change that was meant to move code would move the alerts of the autumn of 2008."""
    log = await run_pipeline(list(reuters_messages()))
    compare("reuters-alerts.jsonl", map(numbers_of, log.read("alerts")), update)
    compare("reuters-digests.txt", digests(log), update)


def test_a_series_of_numbers_gives_the_alerts_of_the_golden_file(update: bool) -> None:
    """A change that was meant to move code would move the alerts of ``backtest --volume``."""
    compare("series-alerts.jsonl", (alert.to_bytes() for alert in series_alerts()), update)


def series_alerts() -> Iterator[Alert]:
    """Return the alerts of two real series, each with a detector of its own."""
    for name in ("AAPL", "GOOG"):
        series = Series(Rule())
        path = DATA / f"nab-tweets/Twitter_volume_{name}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                time = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
                yield from series.count(time, float(row["value"]))
