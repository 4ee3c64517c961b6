"""The status of a running stage, for health checks and for the log."""

from dataclasses import dataclass

from streams.core.consumer import Consumer
from streams.core.pump import AnyPump


@dataclass(frozen=True, slots=True)
class StageStatus:
    """Answers questions about one stage; nothing is measured until somebody asks.

    Attributes:
        pump: The pump of the stage.
        consumer: The consumer that feeds the pump.
    """

    pump: AnyPump
    consumer: Consumer

    @property
    def agent(self) -> str:
        """Return the name of the agent that users see."""
        return self.pump.stage.name

    def failures(self) -> list[str]:
        """Return a sentence for each task of the stage that has ended."""
        return [
            f"{self.agent} no longer commits {source.topic}-{source.partition}"
            for source, lease in self.pump.leases.held.items()
            if lease.commits.done()
        ]

    def obstacles(self) -> list[str]:
        """Return a sentence for each thing that the stage waits for before it can process."""
        leases = self.pump.leases
        if not leases.is_assigned:
            return [f"{self.agent} has not joined the group {self.pump.stage.group}"]
        recalling = [lease for lease in leases.held.values() if not lease.is_recalled]
        names = ", ".join(f"{lease.source.topic}-{lease.source.partition}" for lease in recalling)
        obstacles = [f"{self.agent} recalls its memory of {names}"] if names else []
        if self.pump.pause.is_on:
            obstacles.append(f"{self.agent} has paused: {self.pump.stage.handler.obstacle()}")
        return obstacles

    async def behind(self) -> int:
        """Return the number of offsets that are to be handled in all held partitions.

        Offsets of markers and of aborted records count only while records wait behind them. The
        result is 0 while the group rebalances and while Kafka is away.
        """
        held = self.pump.leases.held
        is_idle = self.pump.is_idle and not self.pump.pause.is_on
        progress = await self.consumer.read_progress()
        return sum(
            max(0, read.end - lease.position)
            for source, read in progress.items()
            if (lease := held.get(source)) and not (is_idle and read.position >= read.end)
        )


def ignore_status(status: StageStatus) -> None:
    """Drop the status, in a worker that nobody asks."""
