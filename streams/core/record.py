"""What a stage reads and writes."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]


class TopicPartition(NamedTuple):
    """A partition of a topic, by the topic's full name."""

    topic: str
    partition: int


class Record(Protocol):
    """A record as it lies in a partition; ``timestamp`` is in milliseconds since the epoch.

    aiokafka's ``ConsumerRecord`` is one, so nothing is copied on the way from the broker.
    """

    @property
    def topic(self) -> str:
        """Full name of the topic."""

    @property
    def partition(self) -> int:
        """Number of the partition."""

    @property
    def offset(self) -> int:
        """Place in the partition."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since the epoch, by the topic's clock."""

    @property
    def key(self) -> bytes | None:
        """Bytes as the producer sent them."""

    @property
    def value(self) -> bytes | None:
        """Bytes as the producer sent them; None is a tombstone."""

    @property
    def headers(self) -> Headers:
        """In the order of the producer, names may repeat."""


class Message(NamedTuple):
    """A record to be written.

    Without a ``partition`` the murmur2 hash of the key decides, as in the Java client; without a
    ``timestamp`` (milliseconds since the epoch) the moment of writing is taken.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp: int | None = None
    partition: int | None = None
