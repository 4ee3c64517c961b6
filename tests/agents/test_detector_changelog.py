"""The detector's memory: little of it is written down, and all of it comes back."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from streams.core.errors import Misconfigured
from streams.core.record import Message, Stored
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
Planted = Callable[..., Awaitable[list[Stored]]]
Detecting = Callable[..., Any]


def again(record: Stored) -> Message:
    """Return the record, to be written once more."""
    return Message(
        record.topic, record.key, record.value, record.headers, record.timestamp, record.partition
    )


async def test_waiting_signals_survive_a_restart(
    log: MemoryLog, run: Run, news: News, detecting: Detecting
) -> None:
    """Signals that wait for a slower partition would be lost with the process."""
    log.append([news(n, hours=n)._replace(partition=0) for n in range(5)])
    await run(log, ["ingest", "score"])
    detector = detecting()
    await detector.read(log.read("news.signals"))
    assert len(detector.memory.ordering) == 5
    detector.restart()
    assert len(detector.memory.ordering) == 5
    await detector.wait(10)
    assert len(detector.memory.ordering) == 5
    await detector.wait(31)
    assert len(detector.memory.ordering) == 0
    detector.restart()
    assert len(detector.memory.ordering) == 0


async def test_the_changelog_holds_what_changed_in_few_bytes(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A worker would spend its time on rewriting its state, and take long to start."""
    signals = await planted(log)
    detector = detecting()
    await detector.read(signals[:-1], chunk=50)
    changed = await detector.read(signals[-1:])
    subjects = {key for key, _ in changed if b"company:" in key or b"topic:" in key}
    assert all(key.split(b"|")[0] in {b"d", b"l", b"r"} for key, _ in changed)
    assert len(subjects) < len([key for key in detector.changelog if key.startswith(b"d|")])
    sizes = {key: len(value) for key, value in detector.changelog.items()}
    assert max(size for key, size in sizes.items() if key.startswith(b"d|subject|")) < 2048
    assert max(sizes.values()) < 8192


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"s|company:ACME", b"{}"),
        (b"r|", orjson.dumps({"detector": "surge-1 with bins of 1:00:00"})),
        (b"r|", orjson.dumps([0.0, None])),
    ],
)
async def test_the_memory_of_another_detector_is_refused(
    key: bytes, value: bytes, detecting: Detecting
) -> None:
    """An upgrade would go on from numbers that mean something else, or fail with a traceback."""
    with pytest.raises(Misconfigured, match="NEWSQUAKE_KAFKA__PREFIX"):
        detecting().handler.recall(0, [(key, value)])


@pytest.mark.parametrize("cut", [-90, -50, -30])
async def test_a_worker_that_was_away_goes_on_where_it_was(
    log: MemoryLog, run: Run, planted: Planted, cut: int
) -> None:
    """A worker that dies in the middle would forget, or repeat, what it saw."""
    signals = [again(record) for record in await planted(log)]
    copy = MemoryLog(partitions=2, counts=log.counts)
    for half in (signals[:cut], signals[cut:]):
        copy.append(half)
        await run(copy, ["detect"], chunk=7)
    undisturbed = MemoryLog(partitions=2, counts=log.counts)
    undisturbed.append(signals)
    await run(undisturbed, ["detect"])
    assert [alert.value for alert in copy.read("alerts")] == [
        alert.value for alert in undisturbed.read("alerts")
    ]
