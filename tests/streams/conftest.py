"""A stage that counts."""

import asyncio
from collections.abc import Iterable, Sequence

from streams.core.handler import Batch, Change, Decision, Handler, Rejection, Unavailable
from streams.core.record import Message
from streams.core.stage import Stage

Memory = dict[bytes, int]


class Counting(Handler[Memory]):
    """Passes values on with how often their key was seen, remembered in the changelog.

    ``poison`` is rejected, ``bug`` raises, ``forget`` deletes the key from the memory.
    """

    def __init__(self, out: str = "out") -> None:
        self.out = out
        self.recalled: dict[int, list[Change]] = {}
        self.batches: list[tuple[int, list[bytes | None]]] = []
        self.open = asyncio.Event()
        self.open.set()

    def recall(self, partition: int, entries: Iterable[Change]) -> Memory:
        self.recalled[partition] = list(entries)
        return {key: int(value or b"0") for key, value in self.recalled[partition]}

    async def handle(self, batches: Sequence[Batch[Memory]]) -> list[Decision]:
        self.batches += [
            (batch.partition, [record.value for record in batch.records]) for batch in batches
        ]
        await self.open.wait()
        return [self._decide(batch) for batch in batches]

    def _decide(self, batch: Batch[Memory]) -> Decision:
        decision = Decision()
        if not batch.records:
            decision.messages.append(Message(self.out, None, b"tick"))
        for record in batch.records:
            key = record.key or b""
            if record.value == b"bug":
                raise ZeroDivisionError("a bug in the handler")
            if record.value == b"poison":
                decision.rejections.append(Rejection(record, "poison", ValueError("no")))
            elif record.value == b"forget":
                batch.memory.pop(key, None)
                decision.changes.append((key, None))
            else:
                batch.memory[key] = batch.memory.get(key, 0) + 1
                count = b"%d" % batch.memory[key]
                decision.changes.append((key, count))
                decision.messages.append(
                    Message(self.out, record.key, record.value, [("count", count)])
                )
        return decision


class Reluctant(Counting):
    """The same, but it can't decide while ``up`` is not set."""

    def __init__(self, out: str = "out") -> None:
        super().__init__(out)
        self.up = asyncio.Event()
        self.refused = 0

    async def handle(self, batches: Sequence[Batch[Memory]]) -> list[Decision]:
        if not self.up.is_set():
            self.refused += 1
            raise Unavailable
        return await super().handle(batches)

    async def available(self) -> None:
        await self.up.wait()

    def obstacle(self) -> str:
        return "the model is out"


def counting(
    prefix: str = "",
    *,
    handler: Counting | None = None,
    changelog: str | None = "state",
    tick_seconds: float | None = None,
    max_records: int | None = None,
) -> Stage[Memory]:
    """Return a stage from ``in`` to ``out`` that counts by key in ``state``."""
    return Stage(
        name="count",
        group=f"{prefix}group",
        source=f"{prefix}in",
        handler=handler or Counting(f"{prefix}out"),
        dead_letters=f"{prefix}dead",
        changelog=changelog and f"{prefix}{changelog}",
        tick_seconds=tick_seconds,
        max_records=max_records,
    )
