"""Keys go to the partitions that every other Kafka client would choose."""

import pytest
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.partitioner import assign_partitions

Keys = list[bytes | None]


@pytest.mark.property
@given(st.lists(st.none() | st.binary(max_size=40)), st.integers(1, 200), st.integers(0, 300))
def test_keys_are_hashed_as_the_java_client_does(keys: Keys, count: int, keyless: int) -> None:
    """A key written by another producer and by a stage would lie in two partitions, in no order."""
    expected = [
        keyless % count if key is None else (murmur2(key) & 0x7FFFFFFF) % count for key in keys
    ]
    assert assign_partitions(keys, count, keyless) == expected
