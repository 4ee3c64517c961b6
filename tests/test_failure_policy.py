"""The table of failures in ARCHITECTURE.md, each row of which is tried."""

import asyncio
import importlib
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from agents.cluster_layout import ClusterLayout
from agents.pipeline import build_stages
from cli.failures import explain
from infra.settings.model import SettingsError
from nlp.classifier import DeviceLost, ModelBusy, ModelError, ModelMissing
from nlp.null import NullClassifier
from streams.core.backpressure import InFlightBudget
from streams.core.consumer import ReadProgress
from streams.core.errors import UnreadableBatch
from streams.core.fuse import Fuse
from streams.core.lease import Leases
from streams.core.pump import Pump
from streams.core.record import Message, TopicPartition
from streams.faust.worker import _raise_when_stalled
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.agents.notifying.undelivered import refuse_for_good
from tests.failing import BAD, Failing, FencedLog, SmallDevice

ROOT = Path(__file__).parents[1]
SET_ASIDE, RETRIED, PROCESS_ENDS = "set aside", "retried", "process ends"
OTHER = "any other"


class Row(NamedTuple):
    """A row of the table: files are named as they are from the repository's root."""

    error: str
    defined_in: str
    outcome: str
    decided_in: str


def table() -> list[Row]:
    """Return the rows of the table under "When something fails"."""
    section = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("## When something fails")[1]
    section = section.split("\n## ")[0]
    rows = []
    for line in section.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0] not in {"error", "---"}:
            outcome = re.match(r"\*\*(.+?)\*\*", cells[2])
            rows.append(Row(cells[0], cells[1], outcome[1] if outcome else "", cells[3]))
    return rows


def article(headline: str) -> Message:
    """Return a raw article."""
    body = {"source": "s", "id": headline, "headline": headline, "published": "2024-03-01"}
    return Message("news.raw", None, orjson.dumps(body))


async def pipeline(
    classifier: NullClassifier,
    *raw: Message,
    log: MemoryLog | None = None,
    fuse: Fuse | None = None,
) -> str:
    """Send ``raw`` and a good article through `ingest` and `score`; return what happened.

    The good article must get through unless the process ends.
    """
    log = log or MemoryLog(partitions=1)
    log.append([*raw, article("Good headline")])
    cluster = ClusterLayout(partitions=1)
    for stage in build_stages(["ingest", "score"], cluster=cluster, classifier=classifier):
        await drain(log, stage, fuse=fuse or Fuse(share=1.0, window=1))
    scored, dead = log.read("news.scored"), log.read("news.dead")
    assert any(b"Good headline" in (record.value or b"") for record in scored)
    assert len(scored) + len(dead) == 1 + len(raw)
    return SET_ASIDE if dead else RETRIED


async def refusal() -> str:
    """Send bytes that are no article."""
    return await pipeline(NullClassifier(), Message("news.raw", None, b"\xff"))


def failing(error: Exception) -> Callable[[], Awaitable[str]]:
    """Return the scenario of a model that raises ``error`` for one text."""
    return lambda: pipeline(Failing(error), article(BAD))


async def out_of_memory() -> str:
    """Give the device a text that it cannot hold."""
    return await pipeline(SmallDevice(), article(BAD))


async def model_busy() -> str:
    """Let the model be busy once."""
    return await pipeline(Failing(ModelBusy("busy"), times=1), article(BAD))


async def unavailable() -> str:
    """Let the model be busy until its circuit opens, and then answer."""
    return await pipeline(Failing(ModelBusy("busy"), times=5), article(BAD))


async def undelivered() -> str:
    """Let a receiver refuse an alert."""
    await refuse_for_good()
    return SET_ASIDE


async def fenced() -> str:
    """Let another worker take the partition over."""
    log = FencedLog(partitions=1)
    try:
        return await pipeline(NullClassifier(), log=log)
    finally:
        assert log.read("news.accepted") == []


async def fuse_blown() -> str:
    """Send nothing but bytes that are no article."""
    raw = [Message("news.raw", None, b"\xff")] * 9
    return await pipeline(NullClassifier(), *raw, fuse=Fuse(share=0.5, window=5))


def ingest_leases() -> Leases[Any]:
    """Return the leases of `ingest` on an empty log."""
    (stage,) = build_stages(["ingest"], cluster=ClusterLayout(), classifier=NullClassifier())
    return Leases(MemoryLog(), stage, lambda error: pytest.fail(str(error)))


async def stalled() -> str:
    """Hold a partition that nobody reads."""

    class Stuck:
        async def run(self) -> None: ...

        async def stop(self) -> None: ...

        async def read_progress(self) -> Mapping[TopicPartition, ReadProgress]:
            return {TopicPartition("news.raw", 0): ReadProgress(position=5, end=9)}

        def probe(self, source: TopicPartition, position: int) -> None: ...

    leases = ingest_leases()
    pump = Pump(leases.stage, leases, InFlightBudget(1), Fuse(1.0, 1))
    await asyncio.wait_for(_raise_when_stalled(pump, Stuck(), patience_seconds=0.05), 5)
    return ""


async def log_truncated() -> str:
    """Read a partition that ends before the position."""
    await ingest_leases().correct(TopicPartition("news.raw", 0), 7)
    return ""


async def unreadable_batch() -> str:
    """Fail as a recall does whose changelog is damaged."""
    raise UnreadableBatch("state.score", 0, begin=1, end=2, problem="its checksum is wrong")


async def misconfigured() -> str:
    """Leave out a topic."""
    return await pipeline(NullClassifier(), log=MemoryLog(topics=frozenset({"news.raw"})))


def raised(name: str) -> Callable[[], Awaitable[str]]:
    """Return the scenario of an error that needs a real broker; tests of its own cause it."""

    async def scenario() -> str:
        (row,) = (row for row in table() if row.error == name)
        raise error_class(row)("the broker went away")

    return scenario


async def settings_error() -> str:
    """Set what can't be used."""
    raise SettingsError(["NEWSQUAKE_KAFKA__PARTITIONS: should be a number"])


async def any_other() -> str:
    """Let the model have a bug."""
    return await pipeline(Failing(ZeroDivisionError("a bug")), article(BAD))


SCENARIOS: Mapping[str, Callable[[], Awaitable[str]]] = {
    "Refusal": refusal,
    "ModelError": failing(ModelError("not a distribution")),
    "OutOfMemory": out_of_memory,
    "ModelBusy": model_busy,
    "Unavailable": unavailable,
    "Undelivered": undelivered,
    "DeviceLost": failing(DeviceLost("off the bus")),
    "ModelMissing": failing(ModelMissing("no model")),
    "Fenced": fenced,
    "FuseBlown": fuse_blown,
    "Stalled": stalled,
    "LogTruncated": log_truncated,
    "UnreadableBatch": unreadable_batch,
    "SessionExpired": raised("SessionExpired"),
    "Misconfigured": misconfigured,
    "EmbeddedKafkaError": raised("EmbeddedKafkaError"),
    "SettingsError": settings_error,
    OTHER: any_other,
}


def error_class(row: Row) -> type[Exception]:
    """Return the class that a row names, from the file that it names."""
    if row.error == OTHER:
        return ZeroDivisionError
    module = importlib.import_module(row.defined_in.removesuffix(".py").replace("/", "."))
    error: type[Exception] = getattr(module, row.error)
    return error


@pytest.mark.parametrize("row", table(), ids=lambda row: row.error)
async def test_what_the_table_says_happens(row: Row) -> None:
    """An operator would wait for a retry that never comes, or look for a record that is gone."""
    if row.outcome != PROCESS_ENDS:
        assert await SCENARIOS[row.error]() == row.outcome
        return
    with pytest.raises(error_class(row)) as caught:
        await SCENARIOS[row.error]()
    explained = explain(caught.value)
    if row.error == OTHER:
        assert explained is None  # so it is logged with its traceback
    else:
        assert explained is not None
        assert explained.code == (2 if row.error == "SettingsError" else 1)


def test_every_failure_has_a_row() -> None:
    """An error that was added would have no place in the table, a removed one would stay there."""
    assert [row.error for row in table()] == list(SCENARIOS)


@pytest.mark.parametrize("row", table(), ids=lambda row: row.error)
def test_the_files_of_a_row_have_the_error(row: Row) -> None:
    """A reader would look for the decision in a file that knows nothing of it."""
    assert issubclass(error_class(row), Exception)
    decision = (ROOT / row.decided_in).read_text("utf-8")
    assert (row.error if row.error != OTHER else "except Exception") in decision
