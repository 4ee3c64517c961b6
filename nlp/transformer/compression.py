"""Compression of small whole numbers: most weights of a small change are among a few numbers.

Deflate (RFC 1951) spends on each number about as many bits as its frequency asks for. The reader
knows beforehand how many bytes must come out, so that a file can't blow up in memory and damage is
noticed.
"""

import zlib
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

_STRATEGIES: Final = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY)


def deflate(numbers: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Compress ``numbers`` into a string of bytes.

    Numbers that look like noise become smaller where no repetitions are looked for.
    """
    written = np.ascontiguousarray(numbers).tobytes()
    return np.frombuffer(min((_deflated(written, it) for it in _STRATEGIES), key=len), np.uint8)


def _deflated(written: bytes, strategy: int) -> bytes:
    compressor = zlib.compressobj(9, strategy=strategy)
    return compressor.compress(written) + compressor.flush()


def inflate(stored: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Decompress the numbers in ``stored``, which have ``shape``.

    Raises:
        ValueError: the bytes are damaged, or the numbers have another shape.

    >>> inflate(deflate(np.array([[1, -2], [0, 3]], np.int8)), (2, 2)).tolist()
    [[1, -2], [0, 3]]
    """
    reader, size = zlib.decompressobj(), prod(shape)
    try:
        numbers = reader.decompress(stored.tobytes(), size + 1)
    except zlib.error as error:
        raise ValueError(f"deflated numbers are damaged: {error}") from error
    if len(numbers) != size or not reader.eof:
        raise ValueError(f"there are not {size} deflated numbers")
    return np.frombuffer(numbers, np.int8).reshape(shape)
