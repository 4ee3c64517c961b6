"""Run Newsquake's pump with handlers that copy; arguments BOOTSTRAP GROUP TOPIC TOPIC….

Each topic is copied to the next one, by a stage of its own. All stages share one process, as they
do in a peer.
"""

import asyncio
import signal
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise

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


async def main(bootstrap: str, group: str, *topics: str) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    stages = [
        Stage(
            name=f"pass-{number}",
            group=f"{group}-{number}",
            source=source,
            handler=PassThrough(sink),
            dead_letters=sink,
            positions=f"{topics[-1]}.positions",
        )
        for number, (source, sink) in enumerate(pairwise(topics))
    ]
    await worker.run_stages(stages, Cluster(bootstrap=bootstrap), Worker(), stop)


if __name__ == "__main__":
    use_uvloop()
    asyncio.run(main(*sys.argv[1:]))
