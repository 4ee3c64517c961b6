"""The thread in which a model runs, so that the event loop goes on."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from agents.asking.isolate_poison import Text
from nlp.classifier import Scores


class ModelThread:
    """A thread for one model, which is called by no other: one call at a time."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "newsquake-model")
        self._last: Future[list[Scores]] | None = None
        self._durations: list[float] = []

    @property
    def is_occupied(self) -> bool:
        """Return whether a call is under way, also one that nobody waits for any more."""
        return self._last is not None and not self._last.done()

    def take_durations(self) -> list[float]:
        """Return the seconds that each call took that succeeded since the last call of this."""
        durations, self._durations = self._durations, []
        return durations

    async def ask(
        self, ask: Callable[[Sequence[Text]], list[Scores]], asked: Sequence[Text]
    ) -> list[Scores]:
        """Call the model in its thread.

        Raises:
            Exception: the model raised it, or gave another number of answers.
        """
        begin = time.monotonic()
        self._last = self._executor.submit(ask, asked)
        scores = await asyncio.wrap_future(self._last)
        self._durations.append(time.monotonic() - begin)
        if len(scores) != len(asked):
            raise RuntimeError(f"{len(scores)} scores for {len(asked)} texts")
        return scores
