"""Small whole numbers, deflated: most weights of a small change are among the same few numbers.

Deflate (RFC 1951) spends on each number about as many bits as its rareness asks for; how much may
come out is known beforehand, so a file can't blow up in memory, and what is damaged is noticed.
"""

import zlib
from math import prod

import numpy as np
from numpy.typing import NDArray


def deflated(numbers: NDArray[np.int8]) -> NDArray[np.uint8]:
    """``numbers`` as a string of bytes."""
    return np.frombuffer(zlib.compress(np.ascontiguousarray(numbers).tobytes(), 9), np.uint8)


def inflated(stored: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.int8]:
    """The numbers in ``stored``, of ``shape``.

    Raises:
        ValueError: they are damaged, or of another shape.

    >>> inflated(deflated(np.array([[1, -2], [0, 3]], np.int8)), (2, 2)).tolist()
    [[1, -2], [0, 3]]
    """
    reader, size = zlib.decompressobj(), prod(shape)
    try:
        found = reader.decompress(stored.tobytes(), size + 1)
    except zlib.error as error:
        raise ValueError(f"deflated numbers are damaged: {error}") from error
    if len(found) != size or not reader.eof:
        raise ValueError(f"there are not {size} deflated numbers")
    return np.frombuffer(found, np.int8).reshape(shape)
