"""The outlet of a source: articles, and the memory of what was sent, in one transaction.

Each feed or folder has a transactional id of its own. A second process that follows the same one
fences the first (KIP-98), and a process that was killed in the middle leaves nothing behind.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, Final, TypeVar

import orjson

from agents.sending.raw_record import RawRecord
from schemas.channels import RAW, STATE_SOURCES
from streams.core.errors import Fenced
from streams.core.log import Log, Session
from streams.core.record import Message, TopicPartition
from streams.kafka.cluster import Cluster
from streams.monitoring.tracing import Sending, Tracing, with_trace

MAX_ARTICLES: Final = 500
"""Articles of one transaction at most."""
SELF: Final = ""
"""The entry of the feed or folder itself."""
_DIGEST_CHARACTERS: Final = 32

Entry = dict[str, Any]
T = TypeVar("T")


def digest(text: str) -> str:
    """Return 128 bits of the SHA-256 sum of ``text`` in hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGEST_CHARACTERS]


def in_batches(items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Yield ``items`` in batches, each for one transaction."""
    remaining = iter(items)
    while batch := tuple(islice(remaining, MAX_ARTICLES)):
        yield batch


class Outlet:
    """Writes on behalf of one feed or folder.

    Attributes:
        name: The name for people.
        entries: What is remembered, by the name of the entry.
    """

    def __init__(
        self,
        name: str,
        cluster: Cluster,
        session: Session,
        identity: str,
        tracing: Tracing | None = None,
    ) -> None:
        self.name = name
        self.entries: dict[str, Entry] = {}
        self.identity = identity
        self._session = session
        self._raw = cluster.topic(RAW.topic)
        self._state = cluster.topic(STATE_SOURCES.topic)
        self._commits = 0
        self._tracing = tracing

    async def commit(
        self, records: Sequence[RawRecord], changes: Mapping[str, Entry | None]
    ) -> None:
        """Send ``records`` and remember ``changes``, or do neither; None forgets an entry.

        Raises:
            Fenced: Another process follows the same feed or folder since.
        """
        messages = [
            Message(self._raw, record.key.encode(), record.value, record.headers)
            for record in records
        ]
        messages, sendings = self._traced(messages)
        for name, entry in changes.items():
            key = f"{self.identity}|{name}".encode()
            value = None if entry is None else orjson.dumps(entry)
            messages.append(Message(self._state, key, value, partition=0))
        self._commits += 1
        commit = asyncio.ensure_future(self._session.commit(messages, self._commits))
        try:
            await asyncio.shield(commit)
        except asyncio.CancelledError:
            await commit  # an open transaction would hold up everyone who reads the topic
            raise
        except Fenced as error:
            raise Fenced(
                f"another process follows {self.name} since, and goes on where this one was: "
                "follow each feed or folder in one process"
            ) from error
        for sending in sendings:
            sending.end("")
        for name, entry in changes.items():
            if entry is None:
                self.entries.pop(name, None)
            else:
                self.entries[name] = entry

    def _traced(self, messages: list[Message]) -> tuple[list[Message], list[Sending]]:
        """Return ``messages`` with the headers of their traces, and what ends these."""
        if self._tracing is None:
            return messages, []
        started = [
            self._tracing.start(f"send {message.topic}", [message.headers]) for message in messages
        ]
        return [
            message._replace(headers=with_trace(message.headers, sending.traceparent))
            for message, sending in zip(messages, started, strict=True)
        ], started

    async def close(self) -> None:
        """Give up the right to write."""
        await self._session.close()


async def open_outlets(
    log: Log, cluster: Cluster, names: Mapping[str, str], tracing: Tracing | None = None
) -> dict[str, Outlet]:
    """Return an outlet for each key of ``names``, whose values are names for people.

    Every earlier process with one of them is fenced before the memory is read.
    """
    state = TopicPartition(cluster.topic(STATE_SOURCES.topic), 0)
    outlets: dict[str, Outlet] = {}
    for key, name in names.items():
        identity = digest(key)
        session = await log.open(cluster.topic(f"newsquake-source-{identity}"), state)
        outlets[key] = Outlet(name, cluster, session, identity, tracing)
    by_identity = {outlet.identity: outlet for outlet in outlets.values()}
    async for records in log.scan(state):
        for record in records:
            identity, _, name = (record.key or b"").decode().partition("|")
            if outlet := by_identity.get(identity):
                if record.value is None:
                    outlet.entries.pop(name, None)
                else:
                    outlet.entries[name] = orjson.loads(record.value)
    return outlets
