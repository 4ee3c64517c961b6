"""From rows to signals: through the agent that scores in the pipeline, or as they are."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from agents.score import Score
from agents.scoring.deduplicate import DedupeSettings
from infra.input.messages import InputMessage
from nlp.classifier import Classifier
from nlp.companies.finder import CompanyFinder
from schemas.article import Article
from schemas.channels import SCORED, SIGNALS
from schemas.incoming.decode import decode
from schemas.refusal import Refusal
from schemas.signal import Signal
from streams.core.handler import Batch, Decision
from streams.core.record import Headers

BLOCK: Final = 1_000
"""Headlines that the model reads together."""
_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OF_SIGNALS: Final = (b'"subject"', b'"negative"', b'"published"', b'"key"')

Skip = Callable[[InputMessage], None]


class Accepted(NamedTuple):
    """A row's article as the record that the score agent reads; its time is the article's."""

    offset: int
    key: bytes
    value: bytes
    timestamp: int
    topic: str = "backtest"
    partition: int = 0
    headers: Headers = ()


class Scoring(NamedTuple):
    """What the score agent is made of."""

    classifier: Classifier
    companies: CompanyFinder | None = None
    dedupe: DedupeSettings = DedupeSettings()


def signals(rows: Iterator[InputMessage], scoring: Scoring, skip: Skip) -> Iterator[Signal]:
    """The signals of ``rows``, in their order; a row that can't be used goes to ``skip``.

    A row is an article, or a signal as ``newsquake watch signals --json`` prints it.
    """
    score = Score(
        SCORED.topic,
        SIGNALS.topic,
        *scoring[:1],
        scoring.dedupe,
        scoring.companies,
    )
    memory = score.recall(0, ())
    with closing(asyncio.new_event_loop()) as loop:
        while block := list(islice(rows, BLOCK)):
            ready, articles = _sorted(block, skip)
            yield from ready
            batch = Batch(0, [_record(place, it) for place, it in articles], memory, 0)
            (decision,) = loop.run_until_complete(score.handle([batch]))
            yield from _decided(decision, block, skip)


def _sorted(
    block: Sequence[InputMessage], skip: Skip
) -> tuple[list[Signal], list[tuple[int, Article]]]:
    ready: list[Signal] = []
    articles: list[tuple[int, Article]] = []
    for place, row in enumerate(block):
        try:
            if row.problem:
                skip(row)
            elif all(name in row.value for name in _OF_SIGNALS):
                ready.append(Signal.from_bytes(row.value))
            else:
                articles.append((place, decode(row.value, ())))
        except Refusal as refusal:
            skip(row._replace(problem=str(refusal)))
    return ready, articles


def _record(place: int, article: Article) -> Accepted:
    timestamp = (article.published - _EPOCH) // _MILLISECOND
    return Accepted(place, article.key.encode(), article.to_bytes(), timestamp)


def _decided(decision: Decision, block: Sequence[InputMessage], skip: Skip) -> Iterator[Signal]:
    for rejection in decision.rejections:
        row = block[rejection.record.offset]
        skip(row._replace(problem=f"the model fails on it: {rejection.cause}"))
    for message in decision.messages:
        if message.topic == SIGNALS.topic:
            yield Signal.from_bytes(message.value)
