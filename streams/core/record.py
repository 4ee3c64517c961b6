"""Records that a stage reads, and messages that it writes."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]
"""Names and values of headers, in the order of the producer; names may repeat."""


class TopicPartition(NamedTuple):
    """A partition of a topic, by the topic's full name."""

    topic: str
    partition: int


class Record(Protocol):
    """A record as it is stored in a partition.

    aiokafka's ``ConsumerRecord`` is one, so nothing is copied on the way from the broker.
    """

    @property
    def topic(self) -> str:
        """The full name of the topic."""

    @property
    def partition(self) -> int:
        """The number of the partition."""

    @property
    def offset(self) -> int:
        """The position in the partition."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since the epoch, by the clock that the topic is configured for."""

    @property
    def key(self) -> bytes | None:
        """The bytes that the producer sent, None without a key."""

    @property
    def value(self) -> bytes | None:
        """The bytes that the producer sent, None for a tombstone."""

    @property
    def headers(self) -> Headers:
        """The headers that the producer sent."""


class Stored(NamedTuple):
    """A record of its own, such as one in memory; see `Record`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Message(NamedTuple):
    """A record to be written.

    Attributes:
        topic: The full name of the topic.
        key: The key, or None.
        value: The value; None for a tombstone.
        headers: The headers, in order.
        timestamp: Milliseconds since the epoch; None for the moment of writing.
        partition: The partition; None for the one that the murmur2 hash of the key gives, as in
            the Java client.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp: int | None = None
    partition: int | None = None
