"""Lines about backups: progress on stderr, and the content for people or programs."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import orjson
import typer

from infra.terminal import printable
from streams.backup.backup_lines import BackupEnd, Heading, Section, SectionEnd

_PROGRESS_SECONDS: Final = 2.0
_WAITS: Final = (
    "waiting for Kafka; an open transaction of a process that was killed ends within "
    "NEWSQUAKE_KAFKA__TRANSACTION_TIMEOUT"
)


class TimedProgress:
    """Prints a line on stderr every two seconds: the step, the partition and its records so far."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._state: tuple[str, int] = ("", 0)
        self._printed: tuple[str, int] | None = None
        self._next = time.monotonic() + _PROGRESS_SECONDS

    def __call__(self, where: str, count: int) -> None:
        """Note how far the step is, and print a line if it is time to."""
        self._state = (where, count)
        self.print_if_due()

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[Self]:
        """Print a line also while nothing comes, until the block ends."""

        async def tick() -> None:
            while True:
                await asyncio.sleep(_PROGRESS_SECONDS)
                self.print_if_due()

        ticks = asyncio.create_task(tick())
        try:
            yield self
        finally:
            ticks.cancel()

    def print_if_due(self) -> None:
        """Print a line if the last one is two seconds old."""
        if time.monotonic() < self._next:
            return
        where, count = self._state
        progress = f" {where}: {count} records" if where else ""
        waits = f"; {_WAITS}" if self._printed == self._state else ""
        typer.echo(f"newsquake: {self._step}{progress}{waits}", err=True)
        self._printed = self._state
        self._next = time.monotonic() + _PROGRESS_SECONDS


class Content(NamedTuple):
    """The content of a backup.

    Attributes:
        file: The backup.
        heading: Its first line.
        sections: Each section with its end.
        end: Its last line.
    """

    file: Path
    heading: Heading
    sections: Sequence[tuple[Section, SectionEnd]]
    end: BackupEnd

    def lines(self) -> Iterator[str]:
        """Yield a line for each topic, and one about the whole."""
        counts: dict[str, int] = {}
        nouns: dict[str, str] = {}
        for section, section_end in self.sections:
            counts[section.topic] = counts.get(section.topic, 0) + section_end.records
            nouns[section.topic] = "records that wait" if section.positions else "entries"
        width = max(map(len, counts), default=0)
        for topic, count in counts.items():
            yield f"{topic:<{width}}  {count} {nouns[topic]}"
        release, created, prefix, _ = self.heading
        yield (
            f"of {printable(created)}, by release {printable(release)}, "
            f"prefix {printable(prefix)!r}, SHA-256 {self.end.sha256}"
        )

    def document(self) -> dict[str, Any]:
        """Return the content for programs."""
        return {
            "file": str(self.file),
            "sha256": self.end.sha256,
            **self.heading._asdict(),
            "records": self.end.records,
            "sections": [
                {**section._asdict(), **section_end._asdict()}
                for section, section_end in self.sections
            ],
        }


def print_content(content: Content, summary: str, *, as_json: bool) -> None:
    """Print the content of a backup, and behind it what was done with it."""
    if as_json:
        typer.echo(orjson.dumps(content.document() | {"summary": summary}).decode())
        return
    for line in content.lines():
        typer.echo(line)
    typer.echo(summary)
