"""Signals from the rows of an archive: articles are scored, signals are taken as they are."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple, Self

from agents.score import Score
from agents.scoring.article_memory import subject_mark
from agents.scoring.deduplicate import DedupeSettings, SeenKeys
from agents.scoring.subjects import company_subject, sent_companies
from infra.input.messages import DEFAULTS, InputMessage
from infra.input.options import InputOptions
from nlp.classifier import Classifier
from nlp.companies.finder import CompanyFinder
from schemas.article import Article
from schemas.channels import SCORED, SIGNALS
from schemas.incoming.reading import Refused
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.handler import Batch, Decision
from streams.core.record import Headers, Message

BATCH_ROWS: Final = 1_000
"""Rows that go through the score agent at a time."""
_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNREAD: Final = b'"unread":true'
"""Stands in every scored article that no model has read, and hardly in any other."""
_SIGNAL_FIELDS: Final = (b'"subject"', b'"negative"', b'"published"', b'"key"')
"""Names that tell a signal from an article."""


Mention = tuple[bytes, str]
"""The key of an article, and the subject of a company that it names."""


@dataclass(slots=True)
class MentionAccount:
    """The account of the company mentions of rows: what became of each.

    Attributes:
        mentions: Companies that the rows of articles name, row by row.
        signals: Mentions that gave a signal.
        copies: Mentions that the same article had made before.
        set_aside: Mentions in rows that the model fails on.
        unread: Mentions in rows whose language no model reads.
        unread_keys: The keys of the articles in these rows.
    """

    mentions: int = 0
    signals: int = 0
    copies: int = 0
    set_aside: int = 0
    unread: int = 0
    unread_keys: set[bytes] = field(default_factory=set)

    @property
    def lost(self) -> int:
        """Return the number of mentions of which nothing came."""
        return self.mentions - self.signals - self.copies - self.set_aside - self.unread

    def add(
        self, records: "Sequence[ArticleRecord]", decision: Decision, known: AbstractSet[Mention]
    ) -> None:
        """Enter the rows of a batch; ``known`` are the mentions that had signals before it."""
        rejected = {rejection.record.offset for rejection in decision.rejections}
        named = Counter(
            (record.key, company_subject(ticker))
            for record in records
            for ticker in record.companies
            if record.offset not in rejected
        )
        counted = {
            (Signal.from_bytes(message.value).key.encode(), (message.key or b"").decode())
            for message in decision.messages
            if message.topic == SIGNALS.topic
        }
        self.unread_keys |= {
            message.key or b"" for message in decision.messages if _is_unread(message)
        }
        dead = sum(len(record.companies) for record in records if record.offset in rejected)
        self.mentions += named.total() + dead
        self.set_aside += dead
        for mention, rows in named.items():
            if mention in counted:
                self.signals += 1
                self.copies += rows - 1
            elif mention in known:
                self.copies += rows
            elif mention[0] in self.unread_keys:
                self.unread += rows

    def __str__(self) -> str:
        lost = f", {self.lost} LOST" if self.lost else ""
        failed = f" + {self.set_aside} set aside" if self.set_aside else ""
        failed += f" + {self.unread} unread" if self.unread else ""
        return (
            f"{self.mentions} company mentions in rows = {self.signals} signals"
            f" + {self.copies} exact duplicates{failed}{lost}"
        )


def _is_unread(message: Message) -> bool:
    """Return whether a message is a scored article that no model has read."""
    if message.topic != SCORED.topic or _UNREAD not in (message.value or b""):
        return False
    return ScoredArticle.from_bytes(message.value).unread


Skip = Callable[[InputMessage], None]
"""Called with each row that can't be used; its ``problem`` says why."""


class ArticleRecord(NamedTuple):
    """An article as a record for the score agent.

    Attributes:
        offset: Index of the row in its batch.
        timestamp: Time of publication, Unix milliseconds.
        companies: Tickers of the companies that the row names.
    """

    offset: int
    key: bytes
    value: bytes
    timestamp: int
    companies: tuple[str, ...] = ()
    topic: str = "backtest"
    partition: int = 0
    headers: Headers = ()

    @classmethod
    def of(cls, index: int, article: Article, finder: CompanyFinder | None) -> Self:
        """Return the record of the article in row ``index``."""
        timestamp = (article.published - _EPOCH) // _MILLISECOND
        key, companies = article.key.encode(), sent_companies(article, finder)
        return cls(index, key, article.to_bytes(), timestamp, companies)


class Scoring(NamedTuple):
    """Parts of the score agent."""

    classifier: Classifier
    companies: CompanyFinder | None = None
    dedupe: DedupeSettings = DedupeSettings()


def read_signals(
    rows: Iterator[InputMessage],
    scoring: Scoring,
    skip: Skip,
    account: MentionAccount | None = None,
    options: InputOptions = DEFAULTS,
) -> Iterator[Signal]:
    """Yield the signals of ``rows``; pass a row that can't be used to ``skip``.

    A row is an article, or a signal as ``newsquake watch signals --json`` prints it. Articles go
    through the agent that scores in the pipeline, so duplicates are removed as well. The order is
    that of the rows, except that within a batch signals come before articles. What becomes of the
    companies that rows name is entered into ``account``. Articles are read by the door of
    ``options``.
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
            signals, records = _parse(batch_rows, skip, options, scoring.companies)
            yield from signals
            known = _known(records, memory)
            (decision,) = loop.run_until_complete(score.handle([Batch(0, records, memory, 0)]))
            if account is not None:
                account.add(records, decision, known)
            yield from _scored_signals(decision, batch_rows, skip)


def _known(records: Sequence[ArticleRecord], memory: SeenKeys) -> set[Mention]:
    """Return the mentions of which the memory says that they had signals."""
    return {
        (record.key, company_subject(ticker))
        for record in records
        if (article := memory.get(record.key, record.timestamp))
        for ticker in record.companies
        if article.is_full or subject_mark(company_subject(ticker)) in article.marks
    }


def _parse(
    rows: Sequence[InputMessage], skip: Skip, options: InputOptions, finder: CompanyFinder | None
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
            for item in options.door.read(row.value, row.headers):
                if isinstance(item, Refused):
                    skip(row._replace(problem=str(item.refusal)))
                else:
                    records.append(ArticleRecord.of(index, item.article, finder))
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
