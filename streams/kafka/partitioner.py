"""Assign keys to partitions as the Java client does, for whole batches at a time.

murmur2 in pure Python takes several microseconds a key, more than everything else that is done with
a message. Keys of equal length are hashed together, one NumPy operation for a word of every key.

Source: ``org.apache.kafka.common.utils.Utils.murmur2``.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SEED = 0x9747B28C
_M = np.uint32(0x5BD1E995)
_R = np.uint32(24)
_WORD_BYTES = 4


def assign_partitions(keys: Sequence[bytes | None], count: int, keyless: int) -> list[int]:
    """Return the partition (of ``count``) of every key; ``keyless`` for a message without a key.

    >>> assign_partitions([b"21", b"foobar", None], 1000, keyless=7)
    [340, 166, 7]
    """
    indices_by_length: dict[int, list[int]] = {}
    for index, key in enumerate(keys):
        if key is not None:
            indices_by_length.setdefault(len(key), []).append(index)

    assigned = [keyless % count] * len(keys)
    for indices in indices_by_length.values():
        hashes = _murmur2([keys[index] or b"" for index in indices])
        partitions = ((hashes & np.uint32(0x7FFFFFFF)) % np.uint32(count)).tolist()
        for index, partition in zip(indices, partitions, strict=True):
            assigned[index] = partition
    return assigned


def _murmur2(keys: Sequence[bytes]) -> NDArray[np.uint32]:
    """Return the hashes of keys of equal length."""
    length = len(keys[0])
    data = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), length)
    hashes = np.full(len(keys), _SEED ^ length, np.uint32)

    tail_begin = length - length % _WORD_BYTES
    words = np.ascontiguousarray(data[:, :tail_begin]).view("<u4")
    for column in range(tail_begin // _WORD_BYTES):
        mixed = words[:, column] * _M
        mixed ^= mixed >> _R
        hashes = (hashes * _M) ^ (mixed * _M)

    tail = data[:, tail_begin:]
    for column in range(tail.shape[1]):
        hashes = hashes ^ (tail[:, column].astype(np.uint32) << np.uint32(8 * column))
    if tail.shape[1]:
        hashes = hashes * _M

    hashes = (hashes ^ (hashes >> np.uint32(13))) * _M
    return hashes ^ (hashes >> np.uint32(15))
