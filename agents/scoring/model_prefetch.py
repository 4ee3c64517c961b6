"""Articles read by the model, the next ones before their turn has come.

What a text says is a function of the text, so it can be asked for early: the model is at the next
articles while those before are decided about and committed. What was read early for nothing, since
the partition went to another worker meanwhile, is thrown away.
"""

import asyncio
import time
from collections import ChainMap
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from agents.scoring.dedupe import SeenKeys
from agents.scoring.deduplicate import NewArticle, Place, Taken, deduplicate
from agents.scoring.isolate_poison import Poison, isolate_poison
from agents.scoring.subjects import companies
from agents.scoring.text import article_text
from nlp.classifier import Classifier, ModelBusy, Scores
from nlp.companies.finder import Company, CompanyFinder
from schemas.article import Article
from streams.core.handler import Batch

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


class ScoredText(NamedTuple):
    """What is known of an article once its text was read."""

    scores: Scores | Poison
    companies: list[Company]


class _Begun(NamedTuple):
    places: AbstractSet[Place]
    taken: Taken
    fresh: list[NewArticle]
    answers: "asyncio.Task[list[ScoredText]]"


class ModelPrefetch:
    """A model, in a thread of its own, and a finder of companies, if there is one.

    A `ModelBusy` failure of the model is tried again for ``patience`` seconds and then raised.
    """

    def __init__(
        self, classifier: Classifier, finder: CompanyFinder | None, patience: float
    ) -> None:
        self._classifier = classifier
        self._finder = finder
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, "newsquake-model")
        self._begun: list[_Begun] = []
        self._seconds: list[float] = []

    def begin(self, batches: Sequence[Batch[SeenKeys]]) -> None:
        """Read what is fresh of ``batches``, after all that was begun before."""
        places = _places(batches)
        if not places or any(places & it.places for it in self._begun):
            return
        taken: ChainMap[tuple[int, bytes], int] = ChainMap({}, *(it.taken for it in self._begun))
        fresh = [it for batch in batches for it in deduplicate(batch, taken, {}).fresh]
        answers = asyncio.create_task(self._ask(fresh))
        self._begun.append(_Begun(places, taken.maps[0], fresh, answers))

    def known(self, batches: Sequence[Batch[SeenKeys]]) -> Mapping[Place, Article]:
        """The articles of ``batches`` that were begun; what was begun before them is let go."""
        places = _places(batches)
        while places and self._begun and not places & self._begun[0].places:
            self._begun.pop(0).answers.cancel()
        begun = (it for it in self._begun if places & it.places)
        return {fresh.place: fresh.article for it in begun for fresh in it.fresh}

    async def answers(self, fresh: Sequence[NewArticle]) -> list[ScoredText]:
        """What is known of each article, in order; those that were not begun are read now."""
        known = await self._collected({it.place for it in fresh})
        missing = [it for it in fresh if it.place not in known]
        places = (it.place for it in missing)
        known |= zip(places, await self._ask(missing), strict=True)
        return [known[it.place] for it in fresh]

    def took(self) -> list[float]:
        """Seconds that the model had each batch since the last call."""
        seconds, self._seconds = self._seconds, []
        return seconds

    async def _collected(self, places: AbstractSet[Place]) -> dict[Place, ScoredText]:
        found: dict[Place, ScoredText] = {}
        while self._begun and places & self._begun[0].places:
            begun = self._begun.pop(0)
            found |= zip((it.place for it in begun.fresh), await begun.answers, strict=True)
        return found

    async def _ask(self, fresh: Sequence[NewArticle]) -> list[ScoredText]:
        articles = [it.article for it in fresh]
        scores, named = await asyncio.gather(
            isolate_poison(self._classify, [article_text(article) for article in articles]),
            asyncio.to_thread(self._find, articles),
        )
        return [ScoredText(*both) for both in zip(scores, named, strict=True)]

    async def _classify(self, texts: Sequence[str]) -> list[Scores]:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(ModelBusy),
            wait=wait_random_exponential(FIRST_PAUSE, LONGEST_PAUSE),
            stop=stop_after_delay(self._patience),
            reraise=True,
        )
        scores: list[Scores] = await retrying(self._in_thread, texts)
        if len(scores) != len(texts):
            raise RuntimeError(f"{len(scores)} scores for {len(texts)} texts")
        return scores

    async def _in_thread(self, texts: Sequence[str]) -> list[Scores]:
        began, loop = time.monotonic(), asyncio.get_running_loop()
        scores = await loop.run_in_executor(self._thread, self._classifier.classify, texts)
        self._seconds.append(time.monotonic() - began)
        return scores

    def _find(self, articles: Sequence[Article]) -> list[list[Company]]:
        return [companies(article, self._finder) for article in articles]


def _places(batches: Sequence[Batch[SeenKeys]]) -> set[Place]:
    return {(batch.partition, record.offset) for batch in batches for record in batch.records}
