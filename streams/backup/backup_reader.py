"""Read a backup in bounded memory, and check every sum on the way."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from streams.backup.backup_lines import (
    FORMAT,
    MARK,
    MAX_LINE_BYTES,
    BackupEnd,
    Heading,
    Section,
    SectionEnd,
    natural,
    record_from,
)
from streams.core.errors import BadBackup
from streams.core.record import Stored

MAX_RECORDS: Final = 5_000
"""Records that are read, and imported, at a time."""
MAX_BYTES: Final = 4 << 20
"""Bytes of lines after which no further record is read at a time."""


class Portion(NamedTuple):
    """Some consecutive records of a section."""

    section: Section
    records: list[Stored]


_NOT_OURS: Final = (ValueError, KeyError, TypeError, AttributeError)
"""What a line raises that has another form than ours."""

Content = Heading | Section | Portion | SectionEnd | BackupEnd


def read_backup(path: Path) -> Iterator[Content]:
    """Yield what is in the backup, in its order; the last is `BackupEnd`.

    Nothing that follows a wrong sum is yielded, yet what came before it was: who must not act on
    half a file reads it to its end first.

    Raises:
        BadBackup: The file is damaged, truncated, foreign, or of a newer release.
        OSError: It can't be read.
    """
    with path.open("rb") as file, gzip.GzipFile(fileobj=file) as lines:
        yield from _Reader(path, lines).contents()


class _Reader:
    """Reads the lines of a backup one after the other."""

    def __init__(self, path: Path, lines: gzip.GzipFile) -> None:
        self._path = path
        self._lines = lines
        self._where = "its beginning"
        self._section_sum, self._backup_sum = sha256(), sha256()
        self._section_digest, self._backup_digest = "", ""
        self._line_bytes = 0

    def contents(self) -> Iterator[Content]:
        """Yield all that is in the file."""
        yield self.heading()
        sections, records = 0, 0
        while section := self.section_or_end(sections, records):
            self._where = str(section)
            yield section
            for content in self.section_contents(section):
                yield content
                if isinstance(content, SectionEnd):
                    sections, records = sections + 1, records + content.records
        yield BackupEnd(sections, records, self._backup_digest)

    def heading(self) -> Heading:
        """Return the first line.

        Raises:
            BadBackup: The file is foreign, or of a newer release.
        """
        try:
            line = self._lines.readline(MAX_LINE_BYTES)
            fields = orjson.loads(line)
            version = natural(fields.pop(MARK))
        except (EOFError, gzip.BadGzipFile, zlib.error, *_NOT_OURS):
            raise BadBackup(f"{self._path} is no backup of Newsquake") from None
        if version != FORMAT:
            raise BadBackup(
                f"{self._path} has format {version}, and this release reads format {FORMAT}: take "
                f"the release that wrote it ({fields.get('release')}), or a later one"
            )
        self._backup_sum.update(line)
        with self._damage_explained():
            return Heading.from_fields(fields)

    def section_or_end(self, sections: int, records: int) -> Section | None:
        """Return the section that begins; None at the end of the file, which must be right."""
        self._section_sum = sha256()
        with self._damage_explained():
            content = self._content()
            if "section" in content:
                return Section.from_fields(content["section"])
            expected = BackupEnd(sections, records, self._backup_digest)
            if BackupEnd(**content["backup_end"]) != expected:
                raise ValueError("the sum of the file is another")
            if self._lines.read(1):
                raise ValueError("something follows its end")
            return None

    def section_contents(self, section: Section) -> Iterator[Content]:
        """Yield the records and the end of a section."""
        portion, size, count, offset = list[Stored](), 0, 0, -1
        end: SectionEnd | None = None
        while end is None:
            with self._damage_explained():
                content = self._content()
                if isinstance(content, dict):
                    end = SectionEnd(**content["section_end"])
                    if end != (count, self._section_digest):
                        raise ValueError("its sum is another")
                else:
                    record = record_from(section, content)
                    if record.offset <= offset:
                        raise ValueError(f"offset {record.offset} follows {offset}")
                    portion.append(record)
                    offset, size, count = record.offset, size + self._line_bytes, count + 1
            if portion and (end or len(portion) >= MAX_RECORDS or size >= MAX_BYTES):
                yield Portion(section, portion)
                portion, size = [], 0
        yield end

    def _content(self) -> Any:
        """Return the next line as what it says: a dictionary, or the fields of a record."""
        line = self._lines.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise EOFError if len(line) < MAX_LINE_BYTES else ValueError("a line has no end")
        content = orjson.loads(line)
        if isinstance(content, dict):
            self._section_digest = self._section_sum.hexdigest()
            self._backup_digest = self._backup_sum.hexdigest()
        self._line_bytes = len(line)
        self._section_sum.update(line)
        self._backup_sum.update(line)
        return content

    @contextmanager
    def _damage_explained(self) -> Iterator[None]:
        """Raise an error of the block as `BadBackup`.

        Raises:
            BadBackup: The block failed because of what is in the file.
        """
        try:
            yield
        except EOFError:
            raise BadBackup(
                f"{self._path} is truncated: it ends in {self._where}. Take another copy of it"
            ) from None
        except (gzip.BadGzipFile, zlib.error, *_NOT_OURS) as error:
            raise BadBackup(
                f"{self._path} is damaged in {self._where} ({error}): take another copy of it"
            ) from error
