"""Numbers of small dataclasses as bytes, eight each, exactly as they are.

>>> from detection.expected.negative_share import NegativeShare
>>> copy = NegativeShare()
>>> unpack(pack([NegativeShare(0.1, 7.0)]), [copy])
>>> copy
NegativeShare(negative=0.1, stories=7.0)
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any


def pack(parts: Sequence[Any]) -> bytes:
    """The fields of dataclasses with slots that hold nothing but numbers, in order."""
    numbers = [getattr(part, name) for part in parts for name in part.__slots__]
    return Struct(f"<{len(numbers)}d").pack(*numbers)


def unpack(data: bytes, parts: Sequence[Any]) -> None:
    """Undo `pack`, into parts of the same types; whole numbers stay whole.

    Raises:
        struct.error: ``data`` is longer or shorter than what ``parts`` hold.
    """
    names = [(part, name) for part in parts for name in part.__slots__]
    for (part, name), value in zip(names, Struct(f"<{len(names)}d").unpack(data), strict=True):
        setattr(part, name, type(getattr(part, name))(value))
