"""Dead letters in the log in memory, and replays of them."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from agents.dead_letters.decide import Rules
from agents.dead_letters.letters import Letter
from agents.dead_letters.replay import DeadTopics, Replay
from agents.dead_letters.selection import Selection, article_source
from agents.pipeline import AGENTS
from streams.core.dead_letter import dead_letter
from streams.core.handler import Rejection
from streams.core.record import Message, Stored
from streams.core.stage import Stage
from streams.testing.memory_log import MemoryLog
from tests.streams.conftest import Counting

PARTITIONS = 2
TOPICS = DeadTopics("news.dead", PARTITIONS, "state.replays", "newsquake-replay")
TARGETS = {name: agent.source.topic for name, agent in AGENTS.items()}
NOW = 1_700_000_000_000
Job = Callable[..., Replay]


def set_aside(
    record: Stored, agent: str = "ingest", reason: str = "invalid", cause: Exception | None = None
) -> Message:
    """Return the dead letter of ``record``, as the plumbing of ``agent`` writes it."""
    stage = Stage(agent, "group", record.topic, Counting(), "news.dead", version="1.2")
    return dead_letter(stage, Rejection(record, reason, cause or ValueError("no")), NOW)


def stored(message: Message, offset: int = 41, partition: int = 1) -> Stored:
    """Return ``message`` as it lies in its topic."""
    topic, key, value, headers, *_ = message
    return Stored(topic, partition, offset, NOW, key, value, tuple(headers))


def letter_of(record: Stored, *arguments: Any, **options: Any) -> Letter:
    """Return the letter of ``record`` as it lies in its topic."""
    return Letter.of(stored(set_aside(record, *arguments, **options)))


def job_of(limit: int | None = None, *, selection: Selection | None = None, **rules: Any) -> Replay:
    """Return a replay of all letters, unless ``selection`` chooses some."""
    return Replay(
        selection or Selection(), Rules(TARGETS, "news.dead", **rules), limit, article_source
    )


def fill(log: MemoryLog, values: Sequence[bytes], agent: str = "ingest") -> None:
    """Write a letter for each of ``values``."""
    log.append(
        [
            set_aside(Stored("news.raw", n % PARTITIONS, n, NOW, b"%d" % n, value, ()), agent)
            for n, value in enumerate(values)
        ]
    )


@pytest.fixture(name="job_of", scope="session")
def making_jobs() -> Job:
    """Return `job_of`, for tests to call."""
    return job_of


@pytest.fixture(name="fill", scope="session")
def filling() -> Callable[..., None]:
    """Return `fill`, for tests to call."""
    return fill


@pytest.fixture(scope="session")
def topics() -> DeadTopics:
    """Return where dead letters lie."""
    return TOPICS
