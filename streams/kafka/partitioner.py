"""Which partition a key belongs to, as the Java client decides it, for whole batches at a time.

murmur2 in pure Python takes several microseconds a key, more than all else that is done with a
message. Keys of equal length are hashed together, one NumPy operation for a word of every key.

Source: ``org.apache.kafka.common.utils.Utils.murmur2``.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SEED = 0x9747B28C
_M = np.uint32(0x5BD1E995)
_R = np.uint32(24)
_WORD = 4


def assign_partitions(keys: Sequence[bytes | None], count: int, keyless: int) -> list[int]:
    """The partition (of ``count``) of every key; messages without a key go to ``keyless``.

    >>> assign_partitions([b"21", b"foobar", None], 1000, keyless=7)
    [340, 166, 7]
    """
    chosen = [keyless % count] * len(keys)
    for positions in _by_length(keys):
        hashes = _murmur2([keys[at] or b"" for at in positions])
        partitions = ((hashes & np.uint32(0x7FFFFFFF)) % np.uint32(count)).tolist()
        for at, partition in zip(positions, partitions, strict=True):
            chosen[at] = partition
    return chosen


def _by_length(keys: Sequence[bytes | None]) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for at, key in enumerate(keys):
        if key is not None:
            groups.setdefault(len(key), []).append(at)
    return list(groups.values())


def _murmur2(keys: Sequence[bytes]) -> NDArray[np.uint32]:
    length = len(keys[0])
    data = np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), length)
    whole = length - length % _WORD
    words = np.ascontiguousarray(data[:, :whole]).view("<u4")
    hashes = np.full(len(keys), _SEED ^ length, np.uint32)
    for column in range(whole // _WORD):
        hashes = (hashes * _M) ^ _mix(words[:, column])
    return _finish(_tail(hashes, data[:, whole:]))


def _mix(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mixed = words * _M
    mixed ^= mixed >> _R
    return mixed * _M


def _tail(hashes: NDArray[np.uint32], rest: NDArray[np.uint8]) -> NDArray[np.uint32]:
    for at in range(rest.shape[1]):
        hashes = hashes ^ (rest[:, at].astype(np.uint32) << np.uint32(8 * at))
    return hashes * _M if rest.shape[1] else hashes


def _finish(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    hashes = (hashes ^ (hashes >> np.uint32(13))) * _M
    return hashes ^ (hashes >> np.uint32(15))
