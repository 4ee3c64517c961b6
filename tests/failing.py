"""Models and logs that fail, for the table of failures."""

from collections.abc import Sequence

from nlp.classifier import Scores
from nlp.inference.batching import halve_on_oom
from nlp.null import NullClassifier
from streams.core.record import TopicPartition
from streams.testing.memory_log import MemoryLog, MemorySession

BAD = "Bad headline"


class Failing(NullClassifier):
    """A model that raises ``error`` for every batch with a bad headline in it, ``times`` times."""

    def __init__(self, error: Exception, times: int = 1_000) -> None:
        self.error, self.times = error, times

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        if self.times and any(BAD in text for text in texts):
            self.times -= 1
            raise self.error
        return super().classify(texts)


class SmallDevice(NullClassifier):
    """A model on a device whose memory holds no batch with a bad headline in it."""

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        return halve_on_oom(self._forward, texts, lambda error: isinstance(error, MemoryError))

    def _forward(self, texts: Sequence[str]) -> list[Scores]:
        if any(BAD in text for text in texts):
            raise MemoryError
        return super().classify(texts)


class FencedLog(MemoryLog):
    """A log in which another worker takes every partition over at once."""

    async def open(self, group: str, source: TopicPartition) -> MemorySession:
        session = await super().open(group, source)
        await super().open(group, source)
        return session
