"""One run: workers on a cluster, a feed, a fault that is repeated, and the account."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from detection.rule import Rule
from schemas.channels import RAW, SCORED, SIGNALS
from streams.kafka.topics import create_topics
from tests.chaos.account import Account, Raw, balance
from tests.chaos.clock import Clock
from tests.chaos.feed import Feed
from tests.chaos.outside import Lane, Outside, committed
from tests.chaos.site import Kind, Site, opened
from tests.chaos.workers import Workers

SESSION_SECONDS = 6.0
WORKERS = PARTITIONS = 2
PATIENCE_SECONDS = 150.0
"""A run ends when nothing came for so long although there is work; the account says what lacks."""
IDLE_SECONDS = 600.0
"""Longer than any fault: no lineage is idle, so no signal is late."""
_SETTLE_SECONDS = 1.5
_LOG_CHARACTERS = 20_000
"""A run that failed shows so much of the log."""


@dataclass
class Run:
    """The things that a fault may be done to.

    Attributes:
        notes: What the row says besides its numbers.
        recoveries: Seconds from each kill until all partitions were served again.
        unread: Records that the broker lost before anybody read them.
    """

    site: Site
    layout: ClusterLayout
    workers: Workers
    feed: Feed
    outside: Outside
    clock: Clock
    notes: list[str] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    unread: set[Raw] = field(default_factory=set)
    _raw: set[Raw] = field(default_factory=set)

    async def all_served(self, since: float) -> float:
        """Wait until every lane has committed after ``since``; return the seconds from then."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while lacking := [lane for lane in self.outside.lanes if not self._is_served(lane, since)]:
            if time.monotonic() > deadline:
                raise AssertionError(f"not served for {PATIENCE_SECONDS:.0f} s: {lacking}")
            await asyncio.sleep(0.05)
        return time.monotonic() - since

    async def quiet(self) -> None:
        """Wait until everything that was sent has come out; give up when nothing more comes."""
        feed, keys = self.feed, self.outside.keys
        deadline = time.monotonic() + PATIENCE_SECONDS
        signals = sum(map(len, feed.subjects.values()))
        seen = -1
        while self.outside.work or len(keys[SIGNALS.topic]) < signals or (
            feed.closing and self.outside.waiting != feed.closing
        ):  # fmt: skip
            progress = sum(counter.total() for counter in keys.values()) - self.outside.waiting
            if progress != seen:
                seen, deadline = progress, time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > deadline:
                self.notes.append(f"gave up with {len(keys[SCORED.topic])} scored")
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(_SETTLE_SECONDS)

    async def remember_raw(self) -> set[Raw]:
        """Remember what is in ``news.raw`` now, since the broker is about to lose some of it."""
        records = await committed(self.layout, RAW)
        raw = {Raw(one.partition, one.offset, (one.key or b"").decode()) for one in records}
        self._raw |= raw
        return raw

    async def account(self) -> Account:
        """Close all bins, wait, and count."""
        await self.feed.close_bins()
        await self.quiet()
        await self.remember_raw()
        raw = sorted(self._raw - self.unread)
        rule = Rule(idle_timeout=IDLE_SECONDS)
        return await balance(self.layout, rule, raw, self.feed.subjects)

    def _is_served(self, lane: Lane, since: float) -> bool:
        return self.outside.served.get(lane, 0.0) > since


Inject = Callable[[Run, int], Awaitable[None]]
"""Does a fault once; the number counts from 0."""


@dataclass(frozen=True)
class Result:
    """A row's numbers.

    Attributes:
        account: The account.
        gap: The longest gap in service, in seconds.
        recoveries: See `Run`.
        notes: See `Run`.
        restarts: The number of times that workers failed or were killed.
        seconds: The time that all took.
        log: The end of the workers' log.
    """

    account: Account
    gap: float
    recoveries: tuple[float, ...]
    notes: tuple[str, ...]
    seconds: float
    log: str


async def carry_out(
    kind: Kind,
    injects: list[tuple[Inject, int]],
    jars: Path,
    seconds: float = 0.0,
) -> Result:
    """Do each fault as often as is said, while articles come in for at least ``seconds``."""
    began = time.monotonic()
    with ExitStack() as stack:
        site = stack.enter_context(opened(kind, jars))
        name = tempfile.TemporaryDirectory(prefix="newsquake-chaos-log-")
        directory = Path(stack.enter_context(name))
        layout = ClusterLayout(
            bootstrap=site.bootstrap, partitions=PARTITIONS, replication=site.brokers
        )
        await create_topics(layout, required_topics(layout, timedelta(days=7)))
        feed = Feed(layout)
        clock = Clock(directory / "clock")
        environ = _environ(layout)
        if kind == "another clock":
            environ = clock.environ(environ)
        workers = Workers(environ, directory, WORKERS)
        outside = Outside(layout, feed)
        run = Run(site, layout, workers, feed, outside, clock)
        async with AsyncExitStack() as tasks:
            tasks.push_async_callback(workers.stop_all)
            workers.start_all()
            reading = asyncio.create_task(outside.run())
            feeding = asyncio.create_task(feed.run())
            tasks.callback(reading.cancel)
            tasks.callback(feeding.cancel)
            try:
                await run.all_served(time.monotonic())
                for inject, times in injects:
                    for turn in range(times):
                        await inject(run, turn)
                await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
                account = await run.account()
            except AssertionError as error:
                raise AssertionError(f"{error}\n{workers.text[-_LOG_CHARACTERS:]}") from error
        return Result(
            account,
            outside.gap,
            tuple(run.recoveries),
            tuple(run.notes),
            time.monotonic() - began,
            workers.text[-_LOG_CHARACTERS:],
        )


def _environ(layout: ClusterLayout) -> dict[str, str]:
    others = {name: text for name, text in os.environ.items() if not name.startswith("NEWSQUAKE_")}
    return {
        **others,
        "NEWSQUAKE_KAFKA__BOOTSTRAP": layout.bootstrap,
        "NEWSQUAKE_KAFKA__PARTITIONS": str(layout.partitions),
        "NEWSQUAKE_KAFKA__REPLICATION": str(layout.replication),
        "NEWSQUAKE_NLP__MODEL": "null",
        "NEWSQUAKE_LOG__FORMAT": "json",
        "NEWSQUAKE_WORKER__SESSION_TIMEOUT": str(SESSION_SECONDS),
        "NEWSQUAKE_DETECT__IDLE_TIMEOUT": str(IDLE_SECONDS),
    }
