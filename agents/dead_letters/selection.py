"""Choose dead letters by reason, agent, source, time, key and address."""

from collections.abc import Callable
from typing import NamedTuple

import orjson

from agents.dead_letters.letters import Address, Letter
from schemas.incoming.reading import DEFAULT_DOOR, Door, Refused

SourceOf = Callable[[Letter], str]
"""Returns the source of the article in a letter, empty if it can't be told."""


class Selection(NamedTuple):
    """Conditions that a letter must meet; an empty field excludes nothing.

    Attributes:
        reasons: Reason codes.
        agents: Agents that set it aside.
        sources: Sources of the article.
        keys: Keys of the record, or idempotency keys.
        addresses: Places in the topic of dead letters.
        since: The earliest time at which it was set aside, in milliseconds since the epoch.
        until: The first time after that.
    """

    reasons: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    addresses: frozenset[Address] = frozenset()
    since: int | None = None
    until: int | None = None

    def includes(self, letter: Letter, source_of: SourceOf) -> bool:
        """Return whether ``letter`` is chosen; ``source_of`` is asked last, as it reads the value.

        >>> from streams.core.record import Stored
        >>> letter = Letter.of(Stored("news.dead", 3, 41, 1_000, b"k", b"", ()))
        >>> nobody = lambda letter: ""
        >>> Selection(addresses=frozenset({Address(3, 41)})).includes(letter, nobody)
        True
        >>> Selection(since=1_001).includes(letter, nobody)
        False
        """
        record, reason = letter
        key = (record.key or b"").decode("utf-8", "replace")
        return (
            (not self.addresses or letter.address in self.addresses)
            and (not self.reasons or reason.reason in self.reasons)
            and (not self.agents or reason.stage in self.agents)
            and (self.since is None or record.timestamp >= self.since)
            and (self.until is None or record.timestamp < self.until)
            and (not self.keys or not self.keys.isdisjoint({key, reason.idempotency_key or ""}))
            and (not self.sources or source_of(letter) in self.sources)
        )


def article_source(letter: Letter, door: Door = DEFAULT_DOOR) -> str:
    """Return the source that the record names, as ``ingest`` reads it; empty if it can't be told.

    What other agents read has it in a field of its own.
    """
    value = letter.record.value
    if letter.reason.stage != "ingest":
        return _field(value)
    results = door.read(value, letter.record.headers)
    named = [
        result.source if isinstance(result, Refused) else result.article.source
        for result in results
    ]
    return named[0] if named and named[0] else _field(value)


def _field(value: bytes | None) -> str:
    """Return the field ``source`` of a JSON object, empty if there is none."""
    try:
        document = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return ""
    source = document.get("source") if isinstance(document, dict) else None
    return source if isinstance(source, str) else ""
