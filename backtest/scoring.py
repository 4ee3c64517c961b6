"""Signals from the rows of an archive: articles are scored, signals are taken as they are."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple, Self

from agents.score import Score
from agents.scoring.deduplicate import DedupeSettings
from infra.input.messages import InputMessage
from nlp.classifier import Classifier
from nlp.companies.finder import CompanyFinder
from schemas.article import Article
from schemas.channels import RAW, SCORED, SIGNALS
from schemas.incoming.reading import Profiles, Refused, read_record
from schemas.refusal import Refusal
from schemas.signal import Signal
from streams.core.handler import Batch, Decision
from streams.core.record import Headers

BATCH_ROWS: Final = 1_000
"""Rows that go through the score agent at a time."""
_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNAL_FIELDS: Final = (b'"subject"', b'"negative"', b'"published"', b'"key"')
"""Names that tell a signal from an article."""

Skip = Callable[[InputMessage], None]
"""Called with each row that can't be used; its ``problem`` says why."""


class ArticleRecord(NamedTuple):
    """An article as a record for the score agent.

    Attributes:
        offset: Index of the row in its batch.
        timestamp: Time of publication, Unix milliseconds.
    """

    offset: int
    key: bytes
    value: bytes
    timestamp: int
    topic: str = "backtest"
    partition: int = 0
    headers: Headers = ()

    @classmethod
    def of(cls, index: int, article: Article) -> Self:
        """Return the record of the article in row ``index``."""
        timestamp = (article.published - _EPOCH) // _MILLISECOND
        return cls(index, article.key.encode(), article.to_bytes(), timestamp)


class Scoring(NamedTuple):
    """Parts of the score agent."""

    classifier: Classifier
    companies: CompanyFinder | None = None
    dedupe: DedupeSettings = DedupeSettings()


def read_signals(
    rows: Iterator[InputMessage], scoring: Scoring, skip: Skip, profiles: Profiles | None = None
) -> Iterator[Signal]:
    """Yield the signals of ``rows``; pass a row that can't be used to ``skip``.

    A row is an article, or a signal as ``newsquake watch signals --json`` prints it. Articles go
    through the agent that scores in the pipeline, so duplicates are removed as well. The order is
    that of the rows, except that within a batch signals come before articles.
    """
    score = Score(
        SCORED.topic,
        SIGNALS.topic,
        scoring.classifier,
        scoring.dedupe,
        scoring.companies,
    )
    memory = score.recall(0, ())
    with closing(asyncio.new_event_loop()) as loop:
        while batch_rows := list(islice(rows, BATCH_ROWS)):
            signals, records = _parse(batch_rows, skip, profiles)
            yield from signals
            (decision,) = loop.run_until_complete(score.handle([Batch(0, records, memory, 0)]))
            yield from _scored_signals(decision, batch_rows, skip)


def _parse(
    rows: Sequence[InputMessage], skip: Skip, profiles: Profiles | None
) -> tuple[list[Signal], list[ArticleRecord]]:
    signals: list[Signal] = []
    records: list[ArticleRecord] = []
    for index, row in enumerate(rows):
        if row.problem:
            skip(row)
        elif all(name in row.value for name in _SIGNAL_FIELDS):
            try:
                signals.append(Signal.from_bytes(row.value))
            except Refusal as refusal:
                skip(row._replace(problem=str(refusal)))
        else:
            for item in read_record(row.value, row.headers, profiles, RAW.topic):
                if isinstance(item, Refused):
                    skip(row._replace(problem=str(item.refusal)))
                else:
                    records.append(ArticleRecord.of(index, item.article))
    return signals, records


def _scored_signals(
    decision: Decision, rows: Sequence[InputMessage], skip: Skip
) -> Iterator[Signal]:
    for rejection in decision.rejections:
        row = rows[rejection.record.offset]
        skip(row._replace(problem=f"the model fails on it: {rejection.cause}"))
    for message in decision.messages:
        if message.topic == SIGNALS.topic:
            yield Signal.from_bytes(message.value)
