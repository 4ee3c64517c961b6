"""Calls of the model in a thread of its own, as often as it must be asked and no more."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from agents.scoring.isolate_poison import Poison, Text, isolate_poison
from nlp.classifier import ModelBusy, Scores

MIN_PAUSE_SECONDS: Final = 0.1
"""The pause after the first failure of a busy model; each further pause is up to twice as long."""
MAX_PAUSE_SECONDS: Final = 5.0
MAX_RECENT_TEXTS: Final = 4_096
"""Texts whose scores are at hand for a revision, or for the same text from another source, which
mostly comes soon after; about 2 KB each.

Up to twice as many are kept."""

AskedKey = tuple[str, str | None, str]
"""A text, the language that its producer says, and the company that a question is about, or an
empty text. Scores depend on these alone, so equal texts of several articles are scored once."""


class ModelCalls:
    """Asks a model about texts and questions; one call at a time, and once about each."""

    def __init__(self, patience: float) -> None:
        """Retry a `ModelBusy` failure for ``patience`` seconds and then raise it."""
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, "newsquake-model")
        self._recent: dict[AskedKey, Scores] = {}
        self._older: dict[AskedKey, Scores] = {}
        self._durations: list[float] = []
        self._answered: Counter[str] = Counter()

    def take_durations(self) -> list[float]:
        """Return the seconds that each call of the model took since the last call of this."""
        durations, self._durations = self._durations, []
        return durations

    def take_answered(self) -> Counter[str]:
        """Return how often the model and the memory answered since the last call of this."""
        answered, self._answered = self._answered, Counter()
        return answered

    async def answers(
        self,
        asked: Sequence[tuple[AskedKey, Text]],
        ask: Callable[[Sequence[Text]], list[Scores]],
    ) -> dict[AskedKey, Scores | Poison]:
        """Return an answer to each key; the model is asked once, and not about recent ones."""
        answers: dict[AskedKey, Scores | Poison] = {}
        missing: dict[AskedKey, Text] = {}
        for key, item in asked:
            recent = self._recent.get(key) or self._older.get(key)
            if recent is None:
                missing[key] = item
            else:
                answers[key] = recent
        self._answered.update(model=len(missing), memory=len(asked) - len(missing))
        read = await isolate_poison(partial(self._call, ask), list(missing.values()))
        new = dict(zip(missing, read, strict=True))
        self._recent.update(
            (key, answer) for key, answer in new.items() if not isinstance(answer, Poison)
        )
        if len(self._recent) > MAX_RECENT_TEXTS:
            self._recent, self._older = {}, self._recent
        return answers | new

    async def _call(
        self, ask: Callable[[Sequence[Text]], list[Scores]], asked: Sequence[Text]
    ) -> list[Scores]:
        """Call the model in its thread; retry while it is busy."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(ModelBusy),
            wait=wait_random_exponential(MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS),
            stop=stop_after_delay(self._patience),
            reraise=True,
        )
        scores: list[Scores] = []
        async for attempt in retrying:
            with attempt:
                begin, loop = time.monotonic(), asyncio.get_running_loop()
                scores = await loop.run_in_executor(self._thread, ask, asked)
                self._durations.append(time.monotonic() - begin)
        if len(scores) != len(asked):
            raise RuntimeError(f"{len(scores)} scores for {len(asked)} texts")
        return scores
