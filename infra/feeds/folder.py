"""Follow a folder: the rows of each file that appears are sent once."""

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from agents.sending.raw_record import RawRecord, Sender, raw_record
from infra.feeds.outlet import MAX_ARTICLES, Outlet, in_batches
from infra.feeds.report import Report
from infra.input.messages import InputMessage, read_messages
from infra.input.options import InputOptions
from infra.usage_error import UsageError
from schemas.refusal import Refusal

UNFINISHED: Final = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")
"""Endings of files that a program has not yet written to the end."""
_READ_BYTES: Final = 1 << 20


class Stamp(NamedTuple):
    """What changes when a file is written to."""

    size: int
    modified_ns: int
    inode: int


class Progress(NamedTuple):
    """The rows of a file that were sent.

    Attributes:
        size: Bytes of the file.
        sha256: Its checksum.
        rows: Rows that were sent or refused, from the first on.
    """

    size: int
    sha256: str
    rows: int = 0


def candidates(folder: Path) -> dict[Path, Stamp]:
    """Return the files of ``folder`` that a program may have finished, by name.

    Raises:
        OSError: The folder can't be read.
    """
    stamps = {}
    for file in sorted(folder.iterdir()):
        if not file.name.startswith(".") and not file.name.endswith(UNFINISHED):
            try:
                if file.is_file():
                    stamps[file] = stamp_of(file)
            except FileNotFoundError:
                continue  # renamed or deleted meanwhile
    return stamps


def stamp_of(file: Path) -> Stamp:
    """Return what changes when ``file`` is written to."""
    stat = file.stat()
    return Stamp(stat.st_size, stat.st_mtime_ns, stat.st_ino)


def checksum(file: Path, size: int) -> str:
    """Return the SHA-256 sum of the first ``size`` bytes of ``file``."""
    total = hashlib.sha256()
    with file.open("rb") as stream:
        while size > 0 and (chunk := stream.read(min(size, _READ_BYTES))):
            total.update(chunk)
            size -= len(chunk)
    return total.hexdigest()


class Folder:
    """One folder, with its outlet. A file counts as written once it rests between two looks.

    Args:
        folder: The folder.
        outlet: Where the rows of its files go.
        report: What is told of it.
        options: How files are read, as `newsquake publish` reads them.
        sender: The profile and the source of the records.
    """

    def __init__(
        self,
        folder: Path,
        outlet: Outlet,
        report: Report,
        options: InputOptions,
        sender: Sender,
    ) -> None:
        self._folder = folder
        self._outlet = outlet
        self._report = report
        self._options = options
        self._sender = sender
        self._before: dict[Path, Stamp] = {}
        self._done: dict[Path, Stamp] = {}

    async def follow(self, interval: float) -> None:
        """Look into the folder every ``interval`` seconds."""
        while True:
            await self.look(interval)
            await asyncio.sleep(interval)

    async def look(self, interval: float = 0.0) -> None:
        """Send the files that rest since the last look, and that were not sent before."""
        try:
            stamps = candidates(self._folder)
        except OSError as error:
            self._failed("folder", f"can't be read: {error.strerror}", interval)
            return
        for file, stamp in stamps.items():
            if self._before.get(file) == stamp and self._done.get(file) != stamp:
                try:
                    await self.send(file, stamp)
                    self._report.succeeded(self._outlet.name, "changed")
                except (OSError, UsageError) as error:
                    self._failed("file", f"{file.name}: {error}", interval)
                self._done[file] = stamp
        self._before = stamps

    def _failed(self, kind: str, problem: str, pause: float) -> None:
        self._report.failed(self._outlet.name, kind, problem, pause)

    async def send(self, file: Path, stamp: Stamp) -> None:
        """Send the rows of ``file`` that were not sent before."""
        progress = await asyncio.to_thread(self.progress_of, file, stamp.size)
        done = self._outlet.entries.get(progress.sha256, {}).get("done", False)
        if done:
            return
        messages = await asyncio.to_thread(read_messages, [str(file)], self._options, self._note)
        batches = in_batches(messages)
        passed, is_last = 0, False
        while not is_last:
            batch = await asyncio.to_thread(next, batches, ())
            is_last = len(batch) < MAX_ARTICLES
            new = batch[max(0, progress.rows - passed) :]
            passed += len(batch)
            if stamp_of(file) != stamp:
                raise OSError("was written to while it was read; it is read again when it rests")
            entry = {**progress._asdict(), "rows": max(passed, progress.rows), "done": is_last}
            records = list(self.records(new))
            await self._outlet.commit(records, {progress.sha256: {**entry, "name": file.name}})
            self._report.committed(self._outlet.name, len(records))

    def progress_of(self, file: Path, size: int) -> Progress:
        """Return how far ``file`` was sent, also under another name, or before it grew."""
        sha256 = checksum(file, size)
        entry = self._outlet.entries.get(sha256)
        if entry is None:
            earlier = [
                entry
                for entry in self._outlet.entries.values()
                if entry["name"] == file.name and entry["size"] < size
            ]
            for entry in sorted(earlier, key=lambda entry: -entry["size"]):
                if checksum(file, entry["size"]) == entry["sha256"]:
                    return Progress(size, sha256, entry["rows"])
            return Progress(size, sha256)
        return Progress(size, sha256, entry["rows"])

    def records(self, messages: tuple[InputMessage, ...]) -> Iterator[RawRecord]:
        """Yield the records of ``messages``; tell those that are refused."""
        for message in messages:
            place = f"{Path(message.file).name}:{message.line}"
            if message.problem:
                self._report.refused(self._outlet.name, f"{place}: {message.problem}")
                continue
            try:
                yield raw_record(message.value, self._sender, datetime.now(UTC))
            except Refusal as refusal:
                self._report.refused(self._outlet.name, f"{place}: {refusal}")

    def _note(self, text: str) -> None:
        self._report.note(self._outlet.name, text)
