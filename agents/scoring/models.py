"""The models of `score`: the usual one behind its circuit, and the fallback if there is one."""

from collections.abc import Callable, Iterable, Iterator

from agents.asking.circuit import CircuitSettings
from agents.asking.guarded_model import GuardedModel
from agents.asking.model_calls import FallbackCalls, ModelCalls
from agents.asking.model_thread import ModelThread
from agents.scoring.article_reader import ArticleReader, DegradedReader, Reader
from nlp.classifier import Classifier
from nlp.companies.finder import CompanyFinder
from nlp.inference.meter import METER
from schemas.metrics.condition import BATCH_TOKENS, PHASE_SECONDS
from schemas.metrics.processing import MODEL_SECONDS, TEXTS_SCORED, Sample


class Models:
    """Models, each in a thread of its own.

    Attributes:
        reader: Reads articles by them.
    """

    def __init__(
        self,
        usual: Classifier,
        finder: CompanyFinder | None,
        circuit: CircuitSettings,
        fallback: Classifier | None,
    ) -> None:
        """Store the models; without a ``fallback`` nothing is read while the usual one is down."""
        self._model = GuardedModel(usual, circuit)
        self._calls = ModelCalls(self._model)
        self._threads = [self._model.thread]
        self._max_wait = circuit.max_pause if fallback else None
        self._fallback: FallbackCalls | None = None
        self.reader: Reader = ArticleReader(usual, finder, self._calls)
        if fallback is not None:
            thread, name = ModelThread(), fallback.model_id
            self._threads.append(thread)
            self._fallback = FallbackCalls(name, thread, circuit.call_timeout)
            stand_in = ArticleReader(fallback, finder, self._fallback)
            self.reader = DegradedReader(self.reader, stand_in, name)

    async def available(self) -> None:
        """Return once the usual model answers again, or it is time to ask the fallback again."""
        await self._model.closed(self._max_wait)

    def describe_problem(self) -> str:
        """Return what is wrong with the models, and when the usual one is asked again."""
        fallback = self._fallback.problem if self._fallback else ""
        return "; ".join(filter(None, (self._model.describe(), fallback)))

    def is_occupied(self) -> bool:
        """Return whether a model is at work, perhaps for nobody."""
        return any(thread.is_occupied for thread in self._threads)

    def observe_with(self, observe: Callable[[Iterable[Sample]], None]) -> None:
        """Count the states of the circuit when they change."""
        self._model.observe_with(observe)

    def take_samples(self) -> Iterator[Sample]:
        """Yield what the models were asked, and for how long, since the last call of this."""
        for thread in self._threads:
            for seconds in thread.take_durations():
                yield Sample(MODEL_SECONDS, seconds)
        for by, count in self._calls.take_answered().items():
            if count:
                yield Sample(TEXTS_SCORED, count, (by,))
        measured = METER.take()
        for phase, seconds in measured.seconds.items():
            yield Sample(PHASE_SECONDS, seconds, (phase,))
        for tokens in measured.batch_tokens:
            yield Sample(BATCH_TOKENS, tokens)
