"""The lines of a backup: a gzip file of JSON texts, each on a line (docs/backups.md).

::

    {"newsquake_backup": 1, "release": …, "created": …, "prefix": …, "partitions": {topic: number}}
    {"section": {"topic": …, "partition": …, "positions": {agent: offset}}}
    [offset, timestamp, key, value]
    [offset, timestamp, key, value, [[header, value], …]]
    {"section_end": {"records": …, "sha256": …}}
    {"backup_end": {"sections": …, "records": …, "sha256": …}}
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

import orjson

from streams.core.record import Record, Stored

FORMAT: Final = 1
"""The version of the format that this release writes, and the highest that it reads."""
MAX_LINE_BYTES: Final = 64 << 20
"""A longer line is none of ours: the largest record has 5 MiB before base64 lengthens it."""
MARK: Final = "newsquake_backup"
"""The first name in a backup."""
_BASE64: Final = "base64"


class Heading(NamedTuple):
    """The first line.

    Attributes:
        release: The version of Newsquake that wrote it.
        created: When, in UTC.
        prefix: The prefix of the topics on the cluster that it is of.
        partitions: The partitions to which keys are assigned, by topic without the prefix.
    """

    release: str
    created: str
    prefix: str
    partitions: Mapping[str, int]

    def to_line(self) -> bytes:
        """Return the line."""
        return json_line({MARK: FORMAT, **self._asdict()})

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return the heading of a line, less its mark.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: It is none.
        """
        counts = {str(topic): natural(count) for topic, count in fields["partitions"].items()}
        release, created, prefix = (str(fields[name]) for name in ("release", "created", "prefix"))
        return cls(release, created, prefix, counts)


class Section(NamedTuple):
    """The records of one partition.

    Attributes:
        topic: The topic, without the prefix of the cluster.
        partition: The number of the partition.
        positions: The offset of the next record that each agent handles which reads the topic;
            empty for a memory.
    """

    topic: str
    partition: int
    positions: Mapping[str, int]

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"

    @property
    def handled_before(self) -> int:
        """The offset before which all agents have handled the records; 0 for a memory."""
        return max(self.positions.values(), default=0)

    def to_line(self) -> bytes:
        """Return the line that begins the section."""
        return json_line({"section": self._asdict()})

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return the section of a line.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: It is none.
        """
        positions = {str(name): natural(value) for name, value in fields["positions"].items()}
        return cls(str(fields["topic"]), natural(fields["partition"]), positions)


class SectionEnd(NamedTuple):
    """The line behind the records of a section.

    Attributes:
        records: The number of records.
        sha256: The SHA-256 sum of the section's lines before this one, in hexadecimal digits.
    """

    records: int
    sha256: str


class BackupEnd(NamedTuple):
    """The last line.

    Attributes:
        sections: The number of sections.
        records: The number of records in all of them.
        sha256: The SHA-256 sum of all lines before this one; it identifies the backup.
    """

    sections: int
    records: int
    sha256: str


def json_line(content: object) -> bytes:
    """Return the line of ``content``."""
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def record_line(record: Record) -> bytes:
    r"""Return the line of a record.

    >>> record_line(Stored("state", 0, 7, 1500, b"key", b"\xff", ()))
    b'[7,1500,"key",{"base64":"/w=="}]\n'
    """
    fields: list[Any] = [record.offset, record.timestamp]
    fields += [_to_json(record.key), _to_json(record.value)]
    if record.headers:
        fields.append([[name, _to_json(value)] for name, value in record.headers])
    return json_line(fields)


def record_from(section: Section, fields: list[Any]) -> Stored:
    """Return the record of a line.

    Raises:
        TypeError, ValueError, AttributeError: It is none.
    """
    offset, timestamp, key, value, *others = fields
    headers = [(str(name), _from_json(text) or b"") for name, text in (others or [[]])[0]]
    if not isinstance(timestamp, int):
        raise TypeError("a timestamp is a number")
    return Stored(
        section.topic,
        section.partition,
        natural(offset),
        timestamp,
        _from_json(key),
        _from_json(value),
        tuple(headers),
    )


def natural(value: object) -> int:
    """Return ``value``, which must be a number from 0 on.

    Raises:
        ValueError: It is something else.
    """
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no number from 0 on")
    return value


def _to_json(value: bytes | None) -> str | dict[str, str] | None:
    """Return bytes as a text where they are one, since a text is read and compressed best."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {_BASE64: b64encode(value).decode()}


def _from_json(value: Any) -> bytes | None:
    if value is None:
        return None
    return b64decode(value[_BASE64], validate=True) if isinstance(value, dict) else value.encode()
