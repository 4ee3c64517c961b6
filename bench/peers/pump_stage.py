"""Run Newsquake's pump with a handler that copies; arguments BOOTSTRAP SOURCE SINK GROUP."""

import asyncio
import signal
import sys
from collections.abc import Iterable, Sequence

from infra.runtime import use_uvloop
from infra.settings.model import Worker
from streams.core.handler import Batch, Change, Decision, Handler
from streams.core.record import Message
from streams.core.stage import Stage
from streams.faust import worker
from streams.kafka.cluster import Cluster


class PassThrough(Handler[None]):
    """A handler that sends every record unchanged to ``sink``."""

    def __init__(self, sink: str) -> None:
        self._sink = sink

    def recall(self, partition: int, entries: Iterable[Change]) -> None:
        """Return no memory."""

    async def handle(self, batches: Sequence[Batch[None]]) -> Sequence[Decision]:
        """Return one message for each record."""
        return [
            Decision([Message(self._sink, record.key, record.value) for record in batch.records])
            for batch in batches
        ]


async def main(bootstrap: str, source: str, sink: str, group: str) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    stage = Stage(
        name="pass",
        group=group,
        source=source,
        handler=PassThrough(sink),
        dead_letters=sink,
        positions=f"{sink}.positions",
    )
    await worker.run_stages([stage], Cluster(bootstrap=bootstrap), Worker(), stop)


if __name__ == "__main__":
    use_uvloop()
    asyncio.run(main(*sys.argv[1:]))
