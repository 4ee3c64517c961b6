"""The thread in which a model runs, so that the event loop goes on."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from agents.asking.isolate_poison import Text
from nlp.classifier import Scores


class NoAnswer(Exception):
    """A call of the model takes longer than it may; it goes on, as no thread can be ended."""


class ModelThread:
    """A thread for one model, which is called by no other: one call at a time.

    A call that hangs keeps the thread: whoever asks next does not wait for longer than it may take.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "newsquake-model")
        self._last: Future[tuple[list[Scores], float]] | None = None
        self._busy_since: float | None = None
        self._durations: list[float] = []

    @property
    def is_occupied(self) -> bool:
        """Return whether a call is under way, also one that nobody waits for any more."""
        return self._busy_since is not None or (self._last is not None and not self._last.done())

    @property
    def busy_seconds(self) -> float:
        """Return for how long the call under way has taken so far; 0 without one."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def take_durations(self) -> list[float]:
        """Return the seconds that each call took that succeeded since the last call of this."""
        durations, self._durations = self._durations, []
        return durations

    async def ask(
        self,
        ask: Callable[[Sequence[Text]], list[Scores]],
        asked: Sequence[Text],
        max_seconds: float,
    ) -> list[Scores]:
        """Call the model in its thread, after the calls that came before.

        Args:
            ask: The method of the model.
            asked: What it is asked about.
            max_seconds: How long a call may take, one that came before too.

        Raises:
            NoAnswer: The model has been at one call for longer.
            Exception: The model raised it, or gave another number of answers.
        """
        self._last = self._executor.submit(self._call, ask, asked)
        answer = asyncio.wrap_future(self._last)
        try:
            while not answer.done():
                left = max_seconds - self.busy_seconds
                if left <= 0:
                    raise NoAnswer(f"the model has not answered for {self.busy_seconds:.0f} s")
                await asyncio.wait([answer], timeout=left)
        finally:
            answer.cancel()  # what waits for its turn is asked in vain
        scores, seconds = answer.result()
        self._durations.append(seconds)
        if len(scores) != len(asked):
            raise RuntimeError(f"{len(scores)} scores for {len(asked)} texts")
        return scores

    def _call(
        self, ask: Callable[[Sequence[Text]], list[Scores]], asked: Sequence[Text]
    ) -> tuple[list[Scores], float]:
        """Call the model, in its thread; return its answers and the seconds that it took."""
        begin = self._busy_since = time.monotonic()
        try:
            return ask(asked), time.monotonic() - begin
        finally:
            self._busy_since = None
