"""The health of one process: does it live, and is it ready to do its work?"""

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from streams.faust.stage_status import StageStatus

LOOP_SECONDS: Final = 5.0
"""The time within which the event loop must turn, in seconds."""

Stalled = Callable[[], Sequence[str]]
"""Returns a sentence for each thing that makes no progress."""


def nothing_stalled() -> Sequence[str]:
    """Return no sentence, in a worker without a watchdog."""
    return ()


@dataclass(slots=True)
class ProcessHealth:
    """Answers `live` and `ready`, from any thread but that of the event loop.

    Each question is put to the event loop, so a loop that no longer turns is noticed.

    Attributes:
        agents: The names of the agents of this process.
        loop: The event loop of the process.
        kafka_answers: Returns whether a broker answers, within a few seconds.
    """

    agents: Sequence[str]
    loop: asyncio.AbstractEventLoop
    kafka_answers: Callable[[], Awaitable[bool]]

    def live(self) -> list[str]:
        """Return a sentence for each reason to start the process again."""
        return self._ask(self.failures())

    def ready(self) -> list[str]:
        """Return a sentence for each reason why records are not processed now."""
        return self._ask(self.obstacles())

    async def failures(self) -> list[str]:
        """Return what only a new start ends; a loop that answers has nothing of the kind."""
        return []

    async def obstacles(self) -> list[str]:
        """Return what keeps the process from its work."""
        return [] if await self.kafka_answers() else ["kafka does not answer"]

    def _ask(self, question: Coroutine[Any, Any, list[str]]) -> list[str]:
        answer = asyncio.run_coroutine_threadsafe(question, self.loop)
        try:
            return answer.result(LOOP_SECONDS)
        except concurrent.futures.TimeoutError:
            answer.cancel()
            return [f"the event loop has not answered within {LOOP_SECONDS:.0f} s"]


@dataclass(slots=True)
class WorkerHealth(ProcessHealth):
    """The health of a process that runs stages.

    Attributes:
        stalled: Names what makes no progress.
        statuses: The stages that run, in the order of their start.
    """

    stalled: Stalled = nothing_stalled
    statuses: list[StageStatus] = field(default_factory=list)

    async def behind(self) -> dict[str, int]:
        """Return the number of offsets that each agent has still to handle."""
        return {status.agent: await status.behind() for status in self.statuses}

    async def failures(self) -> list[str]:
        """Return the failures of the stages."""
        return [failure for status in self.statuses for failure in status.failures()]

    async def obstacles(self) -> list[str]:
        """Return what keeps a stage from its work."""
        started = {status.agent for status in self.statuses}
        starting = [f"{agent} is starting" for agent in self.agents if agent not in started]
        waiting = [obstacle for status in self.statuses for obstacle in status.obstacles()]
        silent = await ProcessHealth.obstacles(self)
        return [*await self.failures(), *starting, *waiting, *self.stalled(), *silent]
