"""The file of a backup: what is written is what is read, in bounded memory."""

import gzip
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.backup.backup_lines import Heading, Section, record_from, record_line
from streams.backup.backup_reader import Portion, read_backup
from streams.backup.backup_writer import new_backup
from streams.core.record import Stored

HEADING = Heading("1.0", "2026-01-01T00:00:00+00:00", "eu.", {"state.detect": 1})
SECTION = Section("state.detect", 0, {})
RECORDS = 40_000
MAX_BYTES = 24 << 20
Bytes = st.binary(max_size=40) | st.text(max_size=20).map(
    lambda text: text.encode("utf-8", "replace")
)


@pytest.mark.property
@given(
    st.integers(0, 2**60),
    st.integers(-1, 2**60),
    st.none() | Bytes,
    st.none() | Bytes,
    st.lists(st.tuples(st.text(st.characters(codec="utf-8"), max_size=9), Bytes), max_size=3),
)
def test_a_record_is_read_as_it_was_written(
    offset: int,
    timestamp: int,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes]],
) -> None:
    """Bytes that are no text, empty ones and tombstones would come back as something else."""
    record = Stored("state.detect", 0, offset, timestamp, key, value, tuple(headers))
    assert record_from(SECTION, orjson.loads(record_line(record))) == record


def records(count: int) -> Iterator[Stored]:
    """Yield so many subjects, in the order of their offsets."""
    for number in range(count):
        value = b'{"subject":%d,"numbers":[%s]}' % (number, b"0.123456789," * 40)
        yield Stored("state.detect", 0, number, 5, b"d|company:%d" % number, value, ())


def test_a_backup_of_many_subjects_needs_little_memory(tmp_path: Path) -> None:
    """A machine that has room for the agents would have none for their backup."""
    file, count = tmp_path / "backup", 0
    tracemalloc.start()
    try:
        with new_backup(file) as writer:
            writer.begin(HEADING)
            writer.begin_section(SECTION)
            for record in records(RECORDS):
                writer.write([record])
            writer.end_section()
            writer.end()
        for content in read_backup(file):
            count += len(content.records) if isinstance(content, Portion) else 0
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == RECORDS
    with gzip.open(file) as lines:
        assert sum(len(line) for line in lines) > MAX_BYTES * 0.75
    assert peak < MAX_BYTES


def test_a_backup_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    """Headlines, and what producers sent, would be open to each user of the machine."""
    with new_backup(tmp_path / "backup") as writer:
        writer.begin(HEADING)
        writer.end()
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    """Half a backup would be taken for last night's."""
    (tmp_path / "backup.part").write_bytes(b"of an export that was killed")
    with suppress(ZeroDivisionError), new_backup(tmp_path / "backup") as writer:
        writer.begin(HEADING)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
