"""Users with the rights of a role, or with all of them but one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from agents.access import ROLES, Right
from agents.backup import MEMORIES
from agents.event_message import event_message
from agents.pipeline import AGENTS
from schemas.channels import STATE_POSITIONS
from schemas.dead_letter import DeadLetter
from schemas.incoming.decode import decode
from schemas.signal import Signal
from streams.core.record import Headers
from tests.agents.notifying.conftest import alert
from tests.streams.conditions import articles

NOW = datetime(2025, 1, 2, 3, tzinfo=UTC)


class Case(NamedTuple):
    """A user with the rights of a role less one, and topics of its own."""

    user: str
    prefix: str
    role: str
    missing: Right | None


CASES = [
    Case(f"u{number}", f"case{number}.", role, missing)
    for number, (role, missing) in enumerate(
        (role, missing)
        for role, granted in ROLES.items()
        if role not in {"grower", "restorer"}
        for missing in (None, *granted)
    )
]


SKIPPER, GROWER = Case("skipper", "skip.", "ingest", None), Case("grower", "grow.", "grower", None)
RESTORER = Case("restorer", "restore.", "restorer", None)
ONCE = (SKIPPER, GROWER, RESTORER)
"""Users of commands that are run once."""


def people_records(case: Case) -> Iterator[tuple[str, bytes | None, Headers]]:
    """Yield what commands of people read, who are no agents."""
    if case.role == "archivist":  # nobody is refused to read an empty topic
        for channel in (*MEMORIES, STATE_POSITIONS, *(agent.source for agent in AGENTS.values())):
            yield case.prefix + channel.topic, None, []
    if case.role == "silencer":
        yield f"{case.prefix}news.silences", None, []
    if case.role in {"replayer", "purger"}:
        note = b'{"timestamp": 1, "topic": "t", "replayed_at": 1, "is_fixed": false}'
        yield f"{case.prefix}state.replays", note, []
        yield f"{case.prefix}state.positions", None, []
        for agent in AGENTS:
            headers = DeadLetter(reason="model", stage=agent).to_headers()
            yield f"{case.prefix}news.dead", b"x", headers


def records(case: Case) -> Iterator[tuple[str, bytes | None, Headers]]:
    """Yield a good record and one to be set aside, in all that the role reads."""
    if case.role == "trainer":
        yield f"{case.prefix}news.feedback", b'{"sentiment": "negative"}', []
    if case.role == "grower":
        for topic in ("news.accepted", "state.score", "state.notify", "news.feedback"):
            for number in range(8):  # half of these keys change their partition
                yield case.prefix + topic, b"%d" % number, []
    yield from people_records(case)
    if case.role not in AGENTS:
        return
    source = case.prefix + AGENTS[case.role].source.topic
    for memory in (STATE_POSITIONS, AGENTS[case.role].state, *AGENTS[case.role].tables):
        if memory:  # nobody is refused to read an empty topic
            yield case.prefix + memory.topic, None, []
    article = decode(articles(1).encode(), [])
    signal = Signal(
        subject="company:ACME", key="1", published=NOW, negative=0.9, neutral=0.1, positive=0.0,
        headline="N", source="wire", model="lexicon", lineage="0.0",
    )  # fmt: skip
    payload = {"detect": signal, "notify": alert()}.get(case.role, article)
    message = event_message(source, payload, key="1", event_id="1", time=NOW)
    yield source, message.value, list(message.headers)
    yield source, b"nonsense", []
