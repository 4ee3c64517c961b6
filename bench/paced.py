"""A feed that knows when each of its messages was handed over, and when it came out.

Messages carry the time in nanoseconds of this process's monotonic clock, so nothing need be
remembered of millions of them.
"""

import random
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Self

import orjson
from articles import VALUE_BYTES, article
from broker import produce
from confluent_kafka import Consumer, Producer

Check = Callable[[], None]
"""Raises if the contender has ended."""

_NANOSECONDS: Final = 1e9
_STAMP_BYTES: Final = 8
_STEP_SECONDS: Final = 0.001
_FIRST_AHEAD: Final = 20_000
_AHEAD_SECONDS: Final = 3.0
_READY_SECONDS: Final = 120.0
_DRAIN_SECONDS: Final = 60.0
_LATE_SECONDS: Final = 15.0
"""What has not come out so long after a level's end is late."""
_SETTLE_SECONDS: Final = 2.0
_HEADLINE: Final = re.compile(rb'"headline":"t-(\d+)"')


class Feed:
    """Writes to one topic, and reads what is committed to another.

    Args:
        bootstrap: the brokers.
        source: the topic to write to.
        sink: the topic in which one message appears for each that was written.
        write: returns the key and the value of a message from its time in nanoseconds.
        read: returns the time that a value carries.
    """

    def __init__(
        self,
        bootstrap: str,
        source: str,
        sink: str,
        write: Callable[[int], tuple[bytes, bytes]],
        read: Callable[[bytes], int],
    ) -> None:
        self._source, self._sink, self._write, self._read = source, sink, write, read
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": "murmur2_random",
                "linger.ms": 1,
                "queue.buffering.max.messages": 1_000_000,
            }
        )
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"{sink}-clock",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 10,
            }
        )
        self._sent = 0
        self._seen = 0
        self._since = 0
        self._latencies: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._consumer.subscribe([self._sink])
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def begin(self, check: Check) -> None:
        """Wait until the contender has passed on a first message."""
        self._send()
        self._producer.flush()
        if not self.drain(_READY_SECONDS, check):
            raise TimeoutError("no first message came out")

    def flood(self, seconds: float, check: Check) -> float:
        """Write as fast as is useful; return messages that came out a second, in the last half."""
        begin = last = time.monotonic()
        ahead, seen, half = _FIRST_AHEAD, self._seen, None
        while (now := time.monotonic()) < begin + seconds:
            if now - last > 1.0:
                check()
                ahead = max(_FIRST_AHEAD, int(_AHEAD_SECONDS * (self._seen - seen) / (now - last)))
                last, seen = now, self._seen
            if half is None and now > begin + seconds / 2:
                half = (now, self._seen)
            self._send() if self._sent - self._seen < ahead else time.sleep(_STEP_SECONDS)
        since, count = half or (begin, 0)
        rate = (self._seen - count) / (time.monotonic() - since)
        self._producer.flush()
        self.drain(_DRAIN_SECONDS, check)
        return rate

    def steady(self, rate: float, seconds: float, check: Check) -> tuple[list[float], int]:
        """Write ``rate`` messages a second for ``seconds``.

        Returns:
            The latencies in seconds of those that came out, and the number of those that did not
            within fifteen seconds of the end.
        """
        self._since = time.monotonic_ns()
        self.take()
        count = self.send_evenly(rate, seconds)
        self.drain(_LATE_SECONDS, check)
        latencies = self.take()
        return latencies, max(0, count - len(latencies))

    def send_evenly(self, rate: float, seconds: float) -> int:
        """Write ``rate`` messages a second for ``seconds``, and return their number."""
        begin, count = time.monotonic(), 0
        while (passed := time.monotonic() - begin) < seconds:
            for _ in range(int(rate * passed) - count):
                self._send()
                count += 1
            time.sleep(_STEP_SECONDS)
        self._producer.flush()
        return count

    def take(self) -> list[float]:
        """Return the latencies in seconds of what has come out since the last call."""
        latencies, self._latencies = self._latencies, []
        return latencies

    @property
    def lag(self) -> int:
        """Messages that were written and have not come out."""
        return self._sent - self._seen

    def settle(self) -> None:
        """Give what came twice, or comes late, two seconds to be seen."""
        time.sleep(_SETTLE_SECONDS)

    def drain(self, seconds: float, check: Check) -> bool:
        """Wait until all that was sent has come out, and return whether it has."""
        deadline = time.monotonic() + seconds
        while self._seen < self._sent and time.monotonic() < deadline:
            check()
            time.sleep(0.05)
        return self._seen >= self._sent

    def _send(self) -> None:
        produce(self._producer, self._source, *self._write(time.monotonic_ns()))
        self._sent += 1

    def _watch(self) -> None:
        while not self._stop.is_set():
            found = self._consumer.consume(2_000, timeout=0.002)
            records = [record for record in found if not record.error()]
            now = time.monotonic_ns()
            for record in records:
                sent = self._read(record.value())
                if sent >= self._since:
                    self._latencies.append((now - sent) / _NANOSECONDS)
            self._seen += len(records)


def message_feed(bootstrap: str, source: str, sink: str) -> Feed:
    """Return a feed of opaque messages of 300 bytes."""
    filling = random.Random(1).randbytes(VALUE_BYTES - _STAMP_BYTES)

    def write(now: int) -> tuple[bytes, bytes]:
        stamp = now.to_bytes(_STAMP_BYTES, "big")
        return stamp, stamp + filling

    return Feed(bootstrap, source, sink, write, lambda value: int.from_bytes(value[:8], "big"))


def article_feed(bootstrap: str, source: str, sink: str) -> Feed:
    """Return a feed of articles, published as they are sent; each has one company: one signal."""
    dice, begin = random.Random(1), datetime.now(UTC)
    bodies = [orjson.loads(article(str(number), begin, dice).value) for number in range(64)]

    def write(now: int) -> tuple[bytes, bytes]:
        body, name = bodies[now % len(bodies)], f"t-{now}"
        url, published = f"https://bench.example/{now}", datetime.now(UTC).isoformat()
        body |= {"id": name, "headline": name, "url": url, "published": published}
        return name.encode(), orjson.dumps(body)

    return Feed(bootstrap, source, sink, write, _stamp)


def _stamp(value: bytes) -> int:
    match = _HEADLINE.search(value)
    return int(match[1]) if match else 0
