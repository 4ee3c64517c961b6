"""Replay dead letters: each goes back to its agent once, whatever is killed on the way.

One transaction writes records, and a replay record for each letter that they come from. Only one
replay runs on a cluster at a time: a second one fences the first, and then reads what that one
remembered (KIP-98).
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, NamedTuple

from agents.dead_letters.decide import Kept, Rules, decide
from agents.dead_letters.letters import Letter, read_letters
from agents.dead_letters.replay_records import ReplayRecord, ReplayRecords, read_replay_records
from agents.dead_letters.selection import Selection, SourceOf
from streams.core.errors import Fenced
from streams.core.log import Log, Session
from streams.core.record import Message, TopicPartition

REPLAY_GROUP: Final = "newsquake-replay"
"""The group that replays and purges, without the prefix of the cluster."""
MAX_LETTERS: Final = 500
"""Letters of one transaction at most."""
MAX_BYTES: Final = 8 << 20
"""Bytes of values after which a transaction is committed."""
MAX_EXAMPLES: Final = 5
"""Letters that a report names."""

OnCommit = Callable[[int], None]
"""Receives the number of letters that were replayed so far."""
OnLetter = Callable[[Letter], None]
"""Receives each letter that was looked at, chosen or not."""


class DeadTopics(NamedTuple):
    """Where dead letters and what is remembered of them lie.

    Attributes:
        dead: The full name of the topic of dead letters.
        partitions: Its number of partitions.
        replays: The full name of the topic of replay records.
        group: The group that replays; with ``replays`` it names the transactional id.
    """

    dead: str
    partitions: int
    replays: str
    group: str

    @property
    def sources(self) -> list[TopicPartition]:
        """The partitions of the topic of dead letters."""
        return [TopicPartition(self.dead, number) for number in range(self.partitions)]


class Replay(NamedTuple):
    """Order to replay chosen letters.

    Attributes:
        selection: The letters.
        rules: What is written.
        max_letters: The upper bound of letters; None for no bound.
        source_of: Tells the source of a letter's article.
        on_letter: Receives each letter that was looked at; None for nobody.
    """

    selection: Selection
    rules: Rules
    max_letters: int | None
    source_of: SourceOf
    on_letter: OnLetter | None = None


@dataclass(slots=True)
class Report:
    """Account of a replay that was made or planned.

    Attributes:
        replayed: The number of letters, by the topic that they go to.
        kept: The number of chosen letters that are left alone, by why.
        replayed_reasons: The number of letters, by their reason and the agent that failed.
        kept_reasons: The same of those that are left alone.
        examples: The first letters to replay, with what is written.
        is_bounded: Whether letters were left over because of the bound.
    """

    replayed: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    replayed_reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept_reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[tuple[Letter, Message]] = field(default_factory=list)
    is_bounded: bool = False


async def plan(log: Log, topics: DeadTopics, job: Replay) -> Report:
    """Return what `carry_out` would do now; nothing is changed."""
    return await _each(log, topics, job, await read_replay_records(log, topics.replays), None)


async def carry_out(
    log: Log, topics: DeadTopics, job: Replay, on_commit: OnCommit | None = None
) -> Report:
    """Replay the letters, and return what was done.

    Raises:
        Fenced: Another replay has begun meanwhile, or the topics are being grown.
    """
    session = await open_session(log, topics)
    try:
        writer = _Writer(topics, session, on_commit)
        replayed = await read_replay_records(log, topics.replays)
        report = await _each(log, topics, job, replayed, writer)
        await writer.commit()
        return report
    finally:
        await session.close()


async def open_session(log: Log, topics: DeadTopics) -> Session:
    """Take the right to replay and to purge. Whoever had it has committed or is fenced."""
    return await log.open(topics.group, TopicPartition(topics.replays, 0))


class _Writer:
    """Gathers what is written, and commits it."""

    def __init__(self, topics: DeadTopics, session: Session, on_commit: OnCommit | None) -> None:
        self._topic = topics.replays
        self._session = session
        self._on_commit = on_commit
        self._pending: list[Message] = []
        self._letters, self._bytes, self._total = 0, 0, 0
        self._commits = count(1)

    async def add(self, letter: Letter, message: Message) -> None:
        """Write ``message``, and remember that it is the replay of ``letter``."""
        record, now = letter.record, time.time_ns() // 1_000_000
        is_fixed = message.value != record.value
        entry = ReplayRecord(record.timestamp, message.topic, now, is_fixed)
        self._pending += [message, entry.to_message(self._topic, letter.address)]
        self._letters += 1
        self._bytes += len(message.value or b"")
        if self._letters >= MAX_LETTERS or self._bytes >= MAX_BYTES:
            await self.commit()

    async def commit(self) -> None:
        """Commit what has gathered."""
        if not self._pending:
            return
        await commit_all(self._session, self._pending, next(self._commits))
        self._total += self._letters
        self._pending, self._letters, self._bytes = [], 0, 0
        if self._on_commit:
            self._on_commit(self._total)


async def commit_all(session: Session, messages: Sequence[Message], position: int) -> None:
    """Commit ``messages``; a command that is interrupted finishes its transaction first.

    Raises:
        Fenced: Another replay has begun, or the topics are being grown.
    """
    committing = asyncio.ensure_future(session.commit(messages, position))
    try:
        await asyncio.shield(committing)
    except asyncio.CancelledError:
        await committing  # an open transaction would hold up everyone who reads the topics
        raise
    except Fenced as error:
        raise Fenced(
            "another `newsquake dlq`, or `newsquake topics grow`, has begun since: nothing of the "
            "last transaction is written, and nothing is replayed twice. Run this again afterwards"
        ) from error


async def _each(
    log: Log, topics: DeadTopics, job: Replay, replayed: ReplayRecords, writer: _Writer | None
) -> Report:
    """Decide about each chosen letter, and give what is replayed to ``writer``."""
    report, limit = Report(), job.max_letters
    for source in topics.sources:
        async for letter in read_letters(log, source):
            if job.on_letter:
                job.on_letter(letter)
            if not job.selection.includes(letter, job.source_of):
                continue
            outcome = decide(letter, replayed, job.rules)
            reason = letter.reason.reason, letter.reason.stage or ""
            if isinstance(outcome, Kept):
                report.kept[outcome.why] += 1
                report.kept_reasons[reason] += 1
                continue
            if limit is not None and report.replayed.total() >= limit:
                report.is_bounded = True
                return report
            report.replayed[outcome.topic] += 1
            report.replayed_reasons[reason] += 1
            if len(report.examples) < MAX_EXAMPLES:
                report.examples.append((letter, outcome))
            if writer:
                await writer.add(letter, outcome)
    return report
