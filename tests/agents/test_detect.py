"""Detection: the same alerts however the log is cut, wherever the worker is restarted."""

from collections.abc import Awaitable, Callable

import pytest

from agents.detect import Detect
from agents.events import Outlet
from agents.pipeline import stages
from detection.rule import Rule
from nlp.lexicon.lexicon import Lexicon
from schemas.alert import Alert
from schemas.channels import ALERTS
from streams.cluster import Cluster
from streams.drain import drain
from streams.handler import Batch
from streams.memory import MemoryLog, Stored
from streams.record import Message

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
BAD = "Acme faces bankruptcy after fraud losses"
DAY_MS = 86_400_000


def surge(news: News) -> list[Message]:
    """Sixty quiet days, a storm of an hour, and quiet again, on two raw partitions in turn."""
    quiet = [news(n, hours=12 * n, headline=f"Acme opens office {n}") for n in range(120)]
    storm = [news(1000 + n, hours=1440 + n / 30, headline=f"{BAD} {n}") for n in range(40)]
    after = [news(2000 + n, hours=1500 + 12 * n, headline=f"Acme moves {n}") for n in range(20)]
    return [m._replace(partition=n % 2) for n, m in enumerate([*quiet, *storm, *after])]


def alerts(log: MemoryLog) -> list[bytes | None]:
    """What was alerted, in order."""
    return [record.value for record in log.read("alerts")]


async def planted(log: MemoryLog, run: Run, news: News) -> MemoryLog:
    """A log whose signals hold a surge."""
    log.append(surge(news))
    await run(log, ["ingest", "score"], chunk=10, classifier=Lexicon())
    return log


async def once(log: MemoryLog, run: Run, chunk: int) -> list[bytes | None]:
    """Alerts of a detector of its own over all signals."""
    copy = MemoryLog(partitions=log.partitions)
    copy.append([_again(record) for record in log.read("news.signals")])
    await run(copy, ["detect"], chunk=chunk)
    return alerts(copy)


def _again(record: Stored) -> Message:
    return Message(
        record.topic, record.key, record.value, record.headers, record.timestamp, record.partition
    )


async def test_a_planted_surge_fires_and_resolves(log: MemoryLog, run: Run, news: News) -> None:
    """A user would not hear of it, or hear of it twice, or for ever."""
    await planted(log, run, news)
    await run(log, ["detect"])
    told = [Alert.from_bytes(value) for value in alerts(log)]
    ours = [alert for alert in told if alert.subject == "company:ACME"]
    assert [alert.status for alert in ours] == ["firing", "resolved"]
    assert len({alert.id for alert in ours}) == 1
    assert BAD in ours[0].headlines[0].text
    for record, alert in zip(log.read("alerts"), told, strict=True):
        assert record.key == alert.subject.encode()
        assert dict(record.headers)["ce_id"] == f"{alert.id}.{alert.status}".encode()


async def test_alerts_do_not_depend_on_how_the_log_is_cut(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A replay would alert of other things than the first run."""
    await planted(log, run, news)
    whole = await once(log, run, 500)
    assert len(whole) >= 2
    assert await once(log, run, 7) == whole
    assert await once(log, run, 1) == whole


@pytest.mark.parametrize("cut", [-90, -50, -30])
async def test_alerts_do_not_depend_on_restarts(
    log: MemoryLog, run: Run, news: News, cut: int
) -> None:
    """A worker that dies in the middle would forget, or repeat, what it saw."""
    await planted(log, run, news)
    copy = MemoryLog(partitions=log.partitions)
    signals = [_again(record) for record in log.read("news.signals")]
    for part in (signals[:cut], signals[cut:]):
        copy.append(part)
        await run(copy, ["detect"], chunk=7)
    assert alerts(copy) == await once(log, run, 500)


async def test_what_is_no_signal_is_set_aside(log: MemoryLog, run: Run) -> None:
    """Another writer's mistake would stop the worker."""
    log.append([Message("news.signals", b"company:ACME", b"\xff", [("x", b"y")])])
    await run(log, ["detect"])
    (dead,) = log.read("news.dead")
    assert (dead.key, dead.value, dead.headers[0]) == (b"company:ACME", b"\xff", ("x", b"y"))
    assert log.read("state.detect") == []


async def test_an_alert_ends_though_nothing_more_comes(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A feed's last alert would be shown as firing for ever."""
    log.append(surge(news)[:160])
    await run(log, ["ingest", "score"], classifier=Lexicon())
    handler = Detect(Outlet(ALERTS, "alerts"), Rule(idle_timeout=1.0), lineages=4)
    (part,) = {
        record.partition for record in log.read("news.signals") if record.key == b"company:ACME"
    }
    records = [record for record in log.read("news.signals") if record.partition == part]
    memory, now = handler.recall(part, []), records[-1].timestamp
    told: list[str] = []
    for batch in (records, [], [], []):
        (decision,) = await handler.handle([Batch(part, batch, memory, now)])
        found = [Alert.from_bytes(message.value) for message in decision.messages]
        told += [alert.status for alert in found if alert.subject == "company:ACME"]
        now += 10 * DAY_MS
    assert told == ["firing", "resolved"]
    assert decision.changes == []


async def test_waiting_signals_survive_a_restart(log: MemoryLog, run: Run, news: News) -> None:
    """Signals that wait for a slower partition would be lost with the process."""
    log.append([news(n, hours=n)._replace(partition=0) for n in range(5)])
    await run(log, ["ingest", "score"])
    (stage,) = stages(["detect"], cluster=Cluster(partitions=2), classifier=Lexicon())
    await drain(log, stage)
    (part,) = {record.partition for record in log.read("news.signals")}
    changes = {r.key or b"": r.value for r in log.read("state.detect") if r.partition == part}
    memory = stage.handler.recall(part, [(k, v) for k, v in changes.items() if v is not None])
    assert len(memory.ordering) == 5
    stamp = log.read("news.signals")[-1].timestamp
    for now in (stamp, stamp + 10_000, stamp + 50_000):
        (decision,) = await stage.handler.handle([Batch(part, [], memory, now)])
        assert (len(memory.ordering) == 0) == (now == stamp + 50_000)
    assert sum(value is None for _, value in decision.changes) == 5


async def test_a_silent_lineage_holds_nobody_up_by_the_time_of_records(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Alerts of a busy stream would wait for ever for a partition that no one writes to."""
    log.append([news(n, hours=n)._replace(partition=0) for n in range(5)])
    await run(log, ["ingest", "score"])
    copy = MemoryLog(partitions=2)
    signals = [_again(record) for record in log.read("news.signals")]
    stamps = (0, 1_000, 2_000, 3_000, 40_000)
    copy.append([s._replace(timestamp=t) for s, t in zip(signals, stamps, strict=True)])
    await run(copy, ["detect"])
    assert b"s|company:ACME" in {record.key for record in copy.read("state.detect")}
