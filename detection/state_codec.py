"""Numbers of nested dataclasses as bytes, eight each, without loss.

>>> from detection.evidence.online_fdr import OnlineFdr
>>> codec, copy = NumberCodec.of(OnlineFdr()), OnlineFdr()
>>> codec.unpack_into(copy, codec.pack(OnlineFdr(spent=0.1, discoveries=7.0)))
>>> copy
OnlineFdr(spent=0.1, discoveries=7.0)
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from operator import attrgetter
from struct import Struct
from typing import Final, NamedTuple, Self

_DOUBLE: Final = Struct("<d")


class NumberCodec(NamedTuple):
    """Reads and writes all numbers of a dataclass and of the dataclasses in it.

    The order is that of the fields, depth first. Texts, lists and dictionaries are left out.

    Attributes:
        paths: the numbers' dotted names, at least two.
        layout: one double for each.
        read: returns the numbers of a dataclass.
        added: how many of the last numbers an earlier release did not have.
    """

    paths: tuple[str, ...]
    layout: Struct
    read: Callable[[object], tuple[float, ...]]
    added: int = 0

    @classmethod
    def of(cls, example: object, added: int = 0) -> Self:
        """Return the codec of the type of ``example``."""
        paths = tuple(_number_paths(example, ""))
        return cls(paths, Struct(f"<{len(paths)}d"), attrgetter(*paths), added)

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self.layout.size

    def pack(self, source: object) -> bytes:
        """Return the numbers of ``source``."""
        return self.layout.pack(*self.read(source))

    def pick(self, data: bytes, begin: int, indices: Sequence[int]) -> tuple[float, ...]:
        """Return some of the packed numbers that ``data`` has from ``begin`` to its end.

        Raises:
            struct.error: There are more or fewer numbers.
        """
        lacking = self.size - (len(data) - begin)
        if lacking not in {0, self.added * _DOUBLE.size}:
            raise struct.error(f"{len(data) - begin} bytes instead of {self.size}")
        return tuple(_DOUBLE.unpack_from(data, begin + at * _DOUBLE.size)[0] for at in indices)

    def unpack_into(self, target: object, data: bytes) -> None:
        """Write packed numbers into ``target``; integers and booleans stay such.

        Numbers that an earlier release did not have stay as they are.

        Raises:
            struct.error: ``data`` is longer or shorter than `size`.
        """
        lacking = self.size - len(data)
        if self.added and lacking == self.added * _DOUBLE.size:
            data += self.pack(target)[-lacking:]
        for path, value in zip(self.paths, self.layout.unpack(data), strict=True):
            parent, _, name = path.rpartition(".")
            owner = attrgetter(parent)(target) if parent else target
            setattr(owner, name, type(getattr(owner, name))(value))


def _number_paths(value: object, prefix: str) -> Iterator[str]:
    if is_dataclass(value):
        for field in fields(value):
            child = getattr(value, field.name)
            if isinstance(child, float | int):
                yield prefix + field.name
            else:
                yield from _number_paths(child, f"{prefix}{field.name}.")
