"""Calls of a model, as often as it must be asked and no more; and of one that stands in for it."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

import structlog

from agents.asking.cause import one_line
from agents.asking.guarded_model import GuardedModel, ModelDown
from agents.asking.isolate_poison import Poison, Text, isolate_poison
from agents.asking.model_thread import ModelThread
from nlp.classifier import DeviceLost, ModelMissing, Scores

_log = structlog.get_logger(__name__)

MAX_RECENT_TEXTS: Final = 4_096
"""Texts whose scores are at hand for a revision, or for the same text from another source, which
mostly comes soon after; about 2 KB each.

Up to twice as many are kept."""

AskedKey = tuple[str, str | None, str]
"""A text, the language that its producer says, and the company that a question is about, or an
empty text. Scores depend on these alone, so equal texts of several articles are scored once."""


class Calls(Protocol):
    """A way to ask a model about texts and questions."""

    async def answers(
        self,
        asked: Sequence[tuple[AskedKey, Text]],
        ask: Callable[[Sequence[Text]], list[Scores]],
    ) -> dict[AskedKey, Scores | Poison]:
        """Return an answer to each key.

        Raises:
            ModelDown: The model can't answer now, and no text is at fault.
        """
        ...


class ModelCalls:
    """Asks the model, once about each text; finds those that it fails on.

    What it answered lately is remembered, and nothing else is: no failure, and no answer of a
    model that stands in for it. So the memory also holds while the model is down, and an answer
    from it tells nothing of whether the model works: it never reaches the circuit.
    """

    def __init__(self, model: GuardedModel) -> None:
        self._model = model
        self._recent: dict[AskedKey, Scores] = {}
        self._older: dict[AskedKey, Scores] = {}
        self._answered: Counter[str] = Counter()

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
        items = list(missing.values())
        read = await isolate_poison(partial(self._model.call, ask), items, self._model.verify)
        # Only now: if the model is down, the same texts come again, or a fallback scores them.
        self._answered.update(model=len(missing), memory=len(asked) - len(missing))
        for key, answer in zip(missing, read, strict=True):
            answers[key] = answer
            if not isinstance(answer, Poison):
                self._recent[key] = answer
        if len(self._recent) > MAX_RECENT_TEXTS:
            self._recent, self._older = {}, self._recent
        return answers


class FallbackCalls:
    """Asks the model that stands in; nothing is remembered of it, and no text is set aside.

    Attributes:
        problem: Why its last call failed; empty if it did not.
    """

    def __init__(self, name: str, thread: ModelThread, max_seconds: float) -> None:
        """Store the model's name, its thread, and how long one call may take."""
        self.problem = ""
        self._name = name
        self._thread = thread
        self._max_seconds = max_seconds

    async def answers(
        self,
        asked: Sequence[tuple[AskedKey, Text]],
        ask: Callable[[Sequence[Text]], list[Scores]],
    ) -> dict[AskedKey, Scores | Poison]:
        """Return an answer to each key."""
        items = dict(asked)
        try:
            scores = await self._thread.ask(ask, list(items.values()), self._max_seconds)
        except (DeviceLost, ModelMissing):
            raise
        except Exception as error:
            self.problem = f"the fallback {self._name} fails too ({one_line(error)})"
            _log.error(
                "the fallback fails too",
                model=self._name,
                problem=one_line(error),
                outcome="records wait until the model answers, or the fallback, which is asked "
                "again; nothing is lost, and nothing is set aside",
            )
            raise ModelDown(self.problem) from error
        self.problem = ""
        return dict(zip(items, scores, strict=True))
