"""Pipelines over the log in memory that are backed up in the middle of a surge."""

import copy
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agents.backup import plan_backup
from agents.cluster_layout import DOMAIN, ClusterLayout
from agents.present_layout import present_layout
from detection.rule import Rule
from nlp.lexicon.lexicon import Lexicon
from schemas.channels import CHANNELS
from streams.backup.backup_lines import Heading
from streams.backup.backup_plan import Pipeline
from streams.backup.check import CheckedBackup, check_backup
from streams.backup.export import Exported, export
from streams.backup.restore import restore
from streams.core.record import Message
from streams.testing.memory_log import MemoryLog

PARTITIONS = 2
FIRING = 221
"""Articles of the surge after which its alert is open."""
ONE = dict.fromkeys((*DOMAIN, *(channel.topic for channel in CHANNELS if channel.single)), 1)
"""Topics of one partition."""
Surge = Callable[[], list[Message]]
Run = Callable[..., Awaitable[None]]


def ignore(where: str, count: int) -> None:
    """Let progress go by."""


class Side:
    """A pipeline on a log of its own, of which backups are made and imported."""

    def __init__(self, log: MemoryLog | None = None) -> None:
        self.log = log or MemoryLog(partitions=PARTITIONS, counts=ONE)
        self.cluster = ClusterLayout(partitions=PARTITIONS)
        counts = {channel.topic: self.log.count(channel.topic) for channel in CHANNELS}
        layout = present_layout(self.cluster, counts)
        self.pipeline = Pipeline(self.log, plan_backup(self.cluster, Rule()), layout)

    @property
    def alerts(self) -> list[tuple[bytes | None, bytes | None]]:
        """Keys and values of the alerts so far, partition by partition."""
        return [(record.key, record.value) for record in self.log.read("alerts")]

    def copy(self) -> "Side":
        """Return a pipeline that has the same log, and goes its own way from here."""
        return Side(copy.deepcopy(self.log))

    async def export(self, path: Path) -> Exported:
        """Write a backup."""
        heading = Heading("1.0", "2026-01-01T00:00:00Z", "", self.pipeline.layout.assigned)
        return await export(self.pipeline, heading, path, ignore)

    def check(self, path: Path) -> CheckedBackup:
        """Check a backup."""
        return check_backup(path, self.pipeline.plan, ignore)

    async def restore(self, path: Path) -> bool:
        """Import a backup."""
        return await restore(self.pipeline, self.check(path), ignore)


@pytest.fixture(name="side")
def making_sides() -> type[Side]:
    """Return `Side`, for tests to make."""
    return Side


async def interrupted(news: list[Message], count: int, run: Run) -> Side:
    """Return a pipeline whose agents have handled ``count`` articles, and in which others wait.

    Behind these `score` is an article ahead of `detect`, `ingest` of `score`, and the raw news of
    `ingest`.
    """
    side, model = Side(), Lexicon()
    side.log.append(news[:count])
    await run(side.log, classifier=model)
    for number, names in enumerate((["ingest", "score"], ["ingest"], [])):
        side.log.append(news[count + number : count + number + 1])
        if names:
            await run(side.log, names, classifier=model)
    return side


@pytest.fixture
async def busy(surge: Surge, run: Run) -> Side:
    """Return a pipeline in the middle of a surge, in which an alert is open."""
    return await interrupted(surge(), FIRING, run)


@pytest.fixture
async def backup(busy: Side, tmp_path: Path) -> Path:
    """Return a backup of a busy pipeline."""
    await busy.export(tmp_path / "backup")
    return tmp_path / "backup"
