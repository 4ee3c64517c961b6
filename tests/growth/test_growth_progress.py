"""How far a growth is, while it reads and moves what lies in the topics."""

import io

from rich.console import Console

from cli.operate.grow import GrowthMeter
from infra.progress.meter import Meter
from streams.core.record import Message
from streams.growth.layout import Layout
from streams.growth.move import Mover
from streams.kafka.partitioner import assign_partitions
from streams.testing.memory_log import MemoryLog


class NoProducer:
    """Fails if anything is written."""


async def test_reading_the_memory_is_told_partition_by_partition() -> None:
    """The memory of a week takes minutes, in which the command would look as if it hung."""
    log = MemoryLog(partitions=2)
    keys = [b"%d" % number for number in range(50)]
    targets = assign_partitions(keys, 2, 0)
    log.append(
        [
            Message("state.score", key, b"x", (), partition=target)
            for key, target in zip(keys, targets, strict=True)
        ]
    )
    told: list[tuple[str, int, int]] = []
    layout = Layout(2, {"state.score": 2})
    mover = Mover(log, NoProducer(), layout, lambda *step: told.append(step))
    assert await mover.move_memory("state.score") == 0
    ends = {step: (count, total) for step, count, total in told}
    assert ends == {
        f"reading state.score-{number}": (targets.count(number), targets.count(number))
        for number in range(2)
    }


def test_each_step_has_a_line_of_its_own() -> None:
    """The rate of one topic would be told of the next."""

    class Clock:
        now = 0.0

        def __call__(self) -> float:
            return self.now

    clock, console = Clock(), Console(file=io.StringIO(), soft_wrap=True, force_terminal=False)
    progress = GrowthMeter(Meter(console, clock=clock))
    for step in ("reading state.score-0", "moving state.score"):
        progress(step, 0, 400)
        clock.now += 10.0
        progress(step, 100, 400)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        "newsquake: reading state.score-0: 100 of 400 records, 10/s, 25%, 0:30 left",
        "newsquake: moving state.score: 100 of 400 records, 10/s, 25%, 0:30 left",
    ]
