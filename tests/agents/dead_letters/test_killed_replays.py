"""A replay that is killed, or runs twice, sends each letter once."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.dead_letters.decide import REPLAYED
from agents.dead_letters.replay import DeadTopics, carry_out
from streams.core.errors import Fenced
from streams.core.log import Session
from streams.core.record import Message, TopicPartition
from streams.testing.memory_log import MemoryLog
from tests.agents.dead_letters.conftest import TOPICS, Job, fill, job_of

LETTERS = 10_000


class Killed(BaseException):
    """The process is gone, as after kill -9: nothing of it runs any more."""


class DyingLog(MemoryLog):
    """A log whose writer is killed at one of its commits, before it or after it."""

    deaths: Sequence[tuple[int, bool]] = ()

    async def open(self, group: str, source: TopicPartition) -> Session:  # type: ignore[override]
        """Open a session that dies when it is its turn."""
        session = await super().open(group, source)
        number, is_after = self.deaths[0] if self.deaths else (0, False)
        self.deaths = self.deaths[1:]
        return DyingSession(session, number, is_after=is_after)


class DyingSession:
    """A session that is killed at the commit ``number``, counted from one."""

    def __init__(self, session: Session, number: int, *, is_after: bool) -> None:
        self._session = session
        self._left = number
        self._is_after = is_after

    async def commit(self, messages: Sequence[Message], position: int, note: str = "") -> None:
        """Commit as the session does, unless it is killed here."""
        self._left -= 1
        if self._left == 0 and not self._is_after:
            raise Killed
        await self._session.commit(messages, position, note)
        if self._left == 0:
            raise Killed

    async def close(self) -> None:
        """Do nothing: a killed process does not close."""


def values(log: MemoryLog, topic: str = "news.raw") -> Counter[bytes]:
    """Return how often each value stands in a topic."""
    return Counter(record.value or b"" for record in log.read(topic))


async def until_done(log: MemoryLog, job: Any) -> int:
    """Run the replay again and again until it is not killed; return how often it was."""
    for deaths in range(100):
        try:
            await carry_out(log, TOPICS, job)
        except Killed:
            continue
        return deaths
    raise AssertionError("it is killed for ever")


async def test_ten_thousand_letters_under_kills_go_back_once_each(
    fill: Callable[..., None], job_of: Job
) -> None:
    """A replay that is killed would lose letters, or send some twice and alert on echoes."""
    log = DyingLog(partitions=2)
    log.deaths = [(1, True), (1, False), (3, True), (2, False), (5, True), (4, False)]
    fill(log, [b"%d" % number for number in range(LETTERS)])
    assert await until_done(log, job_of()) == 6
    assert values(log) == Counter({b"%d" % number: 1 for number in range(LETTERS)})
    report = await carry_out(log, TOPICS, job_of())
    assert (report.replayed, report.kept) == (Counter(), Counter({REPLAYED: LETTERS}))


@pytest.mark.property
@given(
    st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=5),
    st.none() | st.integers(1, 40),
)
async def test_any_kills_and_bounds_send_each_letter_once(
    deaths: list[tuple[int, bool]], limit: int | None
) -> None:
    """A kill at an unlucky moment, or a bound, would send letters twice or never."""
    log = DyingLog(partitions=2)
    log.deaths = deaths
    fill(log, [b"x" * (1 << 20) + b"%d" % number for number in range(24)])
    for _ in range(30):
        await until_done(log, job_of(limit))
    assert set(values(log).values()) == {1}
    assert len(log.read("news.raw")) == 24


async def test_a_second_replay_stops_the_first(
    log: MemoryLog, fill: Callable[..., None], job_of: Job, topics: DeadTopics
) -> None:
    """Two people who act at the same time would send everything twice."""
    fill(log, [b"%d" % number for number in range(1_200)])
    second: list[int] = []

    def interfere(total: int) -> None:
        if not second:
            second.append(total)
            log._epochs[topics.group, TopicPartition(topics.replays, 0)] += 1

    with pytest.raises(Fenced, match="another `newsquake dlq`"):
        await carry_out(log, topics, job_of(), interfere)
    await carry_out(log, topics, job_of())
    assert set(values(log).values()) == {1}
    assert len(log.read("news.raw")) == 1_200
