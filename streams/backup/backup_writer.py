"""Write a backup, a record at a time; the file appears under its name only once it is complete."""

import gzip
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from streams.backup.backup_lines import (
    BackupEnd,
    Heading,
    Section,
    SectionEnd,
    json_line,
    record_line,
)
from streams.core.record import Record

_COMPRESSION: Final = 4
"""Half the time of gzip's usual 6, for files that are a few percent larger."""
_OWNER_ONLY: Final = 0o600


class BackupWriter:
    """Writes the lines of a backup, with their sums."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_COMPRESSION, mtime=0)
        self._backup_sum, self._section_sum = sha256(), sha256()
        self._sections, self._records, self._section_records = 0, 0, 0

    def begin(self, heading: Heading) -> None:
        """Write the first line."""
        self._write(heading.to_line())

    def begin_section(self, section: Section) -> None:
        """Begin a section; the one before must have ended."""
        self._section_sum, self._section_records = sha256(), 0
        self._write(section.to_line())

    def write(self, records: Iterable[Record]) -> None:
        """Write records of the section."""
        lines = [record_line(record) for record in records]
        self._section_records += len(lines)
        self._write(b"".join(lines))

    def end_section(self) -> SectionEnd:
        """End the section, and return its last line."""
        end = SectionEnd(self._section_records, self._section_sum.hexdigest())
        self._sections += 1
        self._records += end.records
        self._write(json_line({"section_end": end._asdict()}))
        return end

    def end(self) -> BackupEnd:
        """End the backup, and return its last line."""
        end = BackupEnd(self._sections, self._records, self._backup_sum.hexdigest())
        self._lines.write(json_line({"backup_end": end._asdict()}))
        self._lines.close()
        return end

    def _write(self, lines: bytes) -> None:
        self._section_sum.update(lines)
        self._backup_sum.update(lines)
        self._lines.write(lines)


@contextmanager
def new_backup(path: Path) -> Iterator[BackupWriter]:
    """Open a writer whose file gets the name ``path`` at the end of the block.

    Until then, and after a kill, it is ``path`` with ``.part`` behind; a failure deletes it. Only
    its owner may read it, since there are headlines in it.

    Raises:
        FileExistsError: There is a file of that name.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists: name another file, or delete it")
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield BackupWriter(file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
