"""What `score` remembers of an article: when it was sent, and marks of what it has said.

A mark is the CRC-32 of one thing: the record's bytes, the headline, or a subject that had a signal.
Two different things of one article share a mark once in four billion.
"""

from collections.abc import Iterable
from struct import Struct
from typing import Final
from zlib import crc32

import msgspec

from detection.stories.wording import wording

MAX_MARKS: Final = 255
"""Marks of one article. With so many it is full: whatever more is said of it counts as a copy."""

_BLANKS: Final = b" \t\n\r"
"""Four bytes that `int` skips behind a number; each stands for two bits."""
_SHIFTS: Final = (6, 4, 2, 0)
_SPELL: Final = [bytes(_BLANKS[byte >> shift & 3] for byte in range(256)) for shift in _SHIFTS]
_READ: Final = [
    bytes.maketrans(_BLANKS, bytes(digit << shift for digit in range(4))) for shift in _SHIFTS
]
_TIME: Final = Struct(">q")
_MARK_BYTES: Final = 4
_PACKED: Final = [Struct(f">q{marks}I") for marks in range(MAX_MARKS + 1)]


class ArticleMemory(msgspec.Struct, frozen=True, gc=False):
    """An article that was scored.

    Attributes:
        sent: The time at which its first record was sent, milliseconds.
        marks: The marks of what it has said; none if an earlier release remembered it, which kept
            the time only.
    """

    sent: int
    marks: tuple[int, ...] = ()

    @property
    def is_full(self) -> bool:
        """Return whether nothing more of the article counts."""
        return not self.marks or len(self.marks) >= MAX_MARKS

    def with_marks(self, marks: Iterable[int]) -> "ArticleMemory":
        """Return the memory of an article that has also said ``marks``, at most `MAX_MARKS`."""
        return ArticleMemory(self.sent, tuple(dict.fromkeys((*self.marks, *marks)))[:MAX_MARKS])

    def pack(self) -> bytes:
        """Return the article in as few bytes as memory allows: 8, and 4 for each mark."""
        return _PACKED[len(self.marks)].pack(self.sent, *self.marks)

    @classmethod
    def unpack(cls, packed: bytes) -> "ArticleMemory":
        """Return the article that `pack` wrote."""
        sent, *marks = _PACKED[len(packed) // _MARK_BYTES - 2].unpack(packed)
        return cls(sent, tuple(marks))


def sent_of(packed: bytes) -> int:
    """Return the time at which a packed article was sent, milliseconds."""
    return int(_TIME.unpack_from(packed)[0])


def spell(packed: bytes) -> bytes:
    """Return the changelog's value: the time in decimal digits, the marks in blanks behind it.

    Earlier releases read the value with `int`, which skips the blanks, so an upgrade can be gone
    back on, and workers of both releases can take partitions over from each other.

    >>> spell(ArticleMemory(1500).pack()), spell(ArticleMemory(7, (0,)).pack())
    (b'1500', b'7                ')
    """
    marks = packed[_TIME.size :]
    return b"%d%s" % (sent_of(packed), b"".join([marks.translate(bits) for bits in _SPELL]))


def read(value: bytes) -> bytes:
    """Return the packed article that `spell` wrote, or an earlier release.

    Raises:
        ValueError: it is neither.
    """
    packed = _TIME.pack(int(value))
    blanks = value[len(value.rstrip(_BLANKS)) :]
    size = len(blanks) // len(_SHIFTS)
    if not size:
        return packed
    marks = 0
    for part, bits in enumerate(_READ):
        quarter = blanks[part * size : (part + 1) * size]
        marks |= int.from_bytes(quarter.translate(bits), "big")
    return packed + marks.to_bytes(size, "big")


def bytes_mark(value: bytes | None) -> int:
    """Return the mark of a record's value."""
    return crc32(value or b"")


def headline_mark(headline: str) -> int:
    """Return the mark of a headline; case, white space and punctuation change nothing."""
    return crc32(wording(headline).encode("utf-8", "surrogatepass"))


def subject_mark(name: str) -> int:
    """Return the mark of a subject, such as company:ACME."""
    return crc32(name.encode("utf-8", "surrogatepass"))
