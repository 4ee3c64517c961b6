"""Articles, and the agents run over the log in memory."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from agents.cluster_layout import DOMAIN, ClusterLayout
from agents.detect import Detect
from agents.pipeline import NAMES, build_stages
from agents.silencing.silence_table import SilenceTable
from detection.rule import Rule
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier
from schemas.alert import Alert
from schemas.channels import ALERTS
from streams.core.handler import Batch, Change, Rejection
from streams.core.record import Message, Stored
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

PARTITIONS = 2
START = datetime(2024, 3, 1, tzinfo=UTC)
Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
Planted = Callable[..., Awaitable[list[Stored]]]
BAD = "Acme faces bankruptcy after fraud losses"


def news(number: int, *, hours: float = 0.0, **fields: Any) -> Message:
    """Return a raw article; articles of equal number are copies of each other."""
    body = {
        "source": "wire",
        "id": str(number),
        "headline": f"Headline {number}",
        "published": (START + timedelta(hours=hours)).isoformat(),
        "tickers": ["ACME"],
    }
    return Message("news.raw", b"%d" % number, orjson.dumps(body | fields))


async def run(
    log: MemoryLog, names: Iterable[str] = NAMES, *, chunk: int = 500, **resources: Any
) -> None:
    """Run agents one after the other, each as a process that has just started."""
    resources = {"classifier": NullClassifier(), **resources}
    for stage in build_stages(names, cluster=ClusterLayout(partitions=log.partitions), **resources):
        await drain(log, stage, chunk=chunk)


@pytest.fixture
def log() -> MemoryLog:
    """Return an empty log."""
    return MemoryLog(partitions=PARTITIONS, counts=dict.fromkeys(DOMAIN, 1))


@pytest.fixture(name="news")
def making_news() -> News:
    """Return `news`, for tests to call."""
    return news


@pytest.fixture(name="run", scope="session")
def running() -> Run:
    """Return `run`, for tests to call."""
    return run


def surge(quiet_after: int = 20) -> list[Message]:
    """Return sixty days of little news about two companies, a storm of an hour, and quiet again."""
    quiet = [news(n, hours=12 * n, headline=f"Acme opens office {n}") for n in range(120)]
    other = [news(500 + n, hours=24 * n + 5, tickers=["EMCA"]) for n in range(60)]
    storm = [
        news(1000 + n, hours=1440 + n / 30, headline=f"{n} {BAD} of {n * n} in {n**3}")
        for n in range(40)
    ]
    after = [news(2000 + n, hours=1500 + 12 * n, headline=f"Acme moves {n}") for n in range(40)]
    ordered = sorted(
        [*quiet, *other, *storm, *after[:quiet_after]],
        key=lambda message: orjson.loads(message.value or b"")["published"],
    )
    return [message._replace(partition=n % PARTITIONS) for n, message in enumerate(ordered)]


async def plant(log: MemoryLog, quiet_after: int = 20) -> list[Stored]:
    """Return the signals of `surge`, as `score` writes them."""
    log.append(surge(quiet_after))
    await run(log, ["ingest", "score"], chunk=10, classifier=Lexicon())
    return log.read("news.signals")


class Detector:
    """The handler of `detect`, with a changelog that it can be restarted from."""

    def __init__(
        self,
        rule: Rule | None = None,
        lineages: int = PARTITIONS**2,
        silences: SilenceTable | None = None,
    ) -> None:
        self.handler = Detect(ALERTS.topic, rule or Rule(), lineages, silences)
        self.changelog: dict[bytes, bytes] = {}
        self.messages: list[Message] = []
        self.rejections: list[Rejection] = []
        self.log: list[Stored] = []
        self.wall = 0
        self.restart()

    @property
    def alerts(self) -> list[Alert]:
        """The alerts so far, in order."""
        return [Alert.from_bytes(message.value) for message in self.messages]

    def restart(self) -> None:
        """Forget everything but the changelog and the log."""
        self.memory = self.handler.recall(0, list(self.changelog.items()))
        begin = self.handler.reread_from(self.memory)
        if self.handler.rereads_all(self.memory):
            begin = 0
        if begin is not None:
            self.handler.reread(self.memory, self.log[begin:])

    async def read(self, records: Sequence[Stored], chunk: int = 500) -> list[Change]:
        """Handle records, ``chunk`` at a time, as they lie in a log; return the last changes."""
        changes: list[Change] = []
        for begin in range(0, len(records), chunk):
            first = len(self.log)
            chunked = records[begin : begin + chunk]
            piece = [record._replace(offset=first + n) for n, record in enumerate(chunked)]
            self.log += piece
            changes = await self._handle(piece)
        return changes

    async def wait(self, seconds: float) -> list[Message]:
        """Let the wall clock go on without records; return the alerts."""
        before = len(self.messages)
        self.wall += round(seconds * 1000)
        await self._handle([])
        return self.messages[before:]

    async def _handle(self, records: Sequence[Stored]) -> list[Change]:
        (decision,) = await self.handler.handle([Batch(0, records, self.memory, self.wall)])
        self.messages += decision.messages
        self.rejections += decision.rejections
        for key, value in decision.changes:
            self.changelog.pop(key, None)
            if value is not None:
                self.changelog[key] = value
        return decision.changes


@pytest.fixture(name="surge", scope="session")
def surging() -> Callable[..., list[Message]]:
    """Return `surge`, for tests to call."""
    return surge


@pytest.fixture(scope="session")
def planted() -> Planted:
    """Return `plant`, for tests to call."""
    return plant


@pytest.fixture(scope="session")
def detecting() -> type[Detector]:
    """Return `Detector`, for tests to make."""
    return Detector
