"""Purge dead letters: from the beginning of each partition, which is all that Kafka can delete."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from agents.dead_letters.letters import QUARANTINE_AFTER, Letter, State, read_letters
from agents.dead_letters.replay import DeadTopics
from agents.dead_letters.replay_records import ReplayRecords, read_replay_records
from streams.core.log import Log
from streams.core.record import Message, TopicPartition


@dataclass(slots=True)
class PurgePlan:
    """Letters that a purge deletes.

    Attributes:
        ends: The first offset that is kept, of each partition that loses letters.
        states: The number of letters that are deleted, by their state.
        obstacles: The first old letter of each partition that is kept because it was not replayed.
    """

    ends: dict[TopicPartition, int] = field(default_factory=dict)
    states: Counter[State] = field(default_factory=Counter)
    obstacles: list[Letter] = field(default_factory=list)


async def plan_purge(  # noqa: PLR0913 - one for each option, and the progress
    log: Log,
    topics: DeadTopics,
    before: int,
    *,
    with_waiting: bool,
    quarantine_after: int = QUARANTINE_AFTER,
    look: Callable[[Letter], None] = lambda _: None,
) -> PurgePlan:
    """Return what can be deleted of the letters set aside before a time; nothing is changed.

    A letter that was not replayed, and all after it in its partition, are kept unless
    ``with_waiting``.

    Args:
        log: The log.
        topics: Where dead letters lie.
        before: The time, in milliseconds since the epoch.
        with_waiting: Whether letters that nobody replayed are deleted too.
        quarantine_after: Replays after which a letter counts as quarantined.
        look: Called with each letter that is looked at.
    """
    result, replayed = PurgePlan(), await read_replay_records(log, topics.replays)
    for source in topics.sources:
        async for letter in read_letters(log, source):
            look(letter)
            if letter.record.timestamp >= before:
                break
            state = letter.state(replayed, quarantine_after)
            if state != "replayed" and not with_waiting:
                result.obstacles.append(letter)
                break
            result.states[state] += 1
            result.ends[source] = letter.record.offset + 1
    return result


async def forgotten_replay_records(
    log: Log, topics: DeadTopics, replayed: ReplayRecords
) -> list[Message]:
    """Return the tombstones of replay records whose letters were purged, or went with retention."""
    starts = {source.partition: (await log.bounds(source)).start for source in topics.sources}
    return replayed.forgetting(topics.replays, starts)
