"""Decide what the replay of one dead letter writes, or why it is left alone."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from agents.dead_letters.letters import QUARANTINE_AFTER, Letter
from agents.dead_letters.replay_records import ReplayRecords
from schemas.dead_letter import HEADERS, original_headers
from schemas.sent_time import sent_header
from streams.core.dead_letter import SKIPPED, BatchSkipped, class_name
from streams.core.record import Message

Fix = Callable[[bytes | None], bytes]
"""Returns the new value of a record; raises `FixFailed` if it can't."""

REPLAYED: Final = "replayed before"
QUARANTINED: Final = "quarantined: it failed again after {replays} replays"
NO_AGENT: Final = "set aside by no agent that there is"
EXCERPT: Final = "only the first bytes are there: fix it by a file"
MASKED: Final = "personal data in it was masked: fix it by a file"
BATCH: Final = "the bytes of a batch that can't be read, not a record"
BY_OPERATOR: Final = "skipped by a person: name the reason or the letter to replay it"


class FixFailed(Exception):
    """A value can't be fixed; the text says why."""


class Kept(NamedTuple):
    """A letter that is left alone, and why."""

    why: str


class Rules(NamedTuple):
    """Rules for all letters of one replay.

    Attributes:
        targets: The full name of the topic that each agent reads, by the agent.
        dead: The full name of the topic of dead letters.
        quarantine_after: Replays after which a letter is left alone.
        fix: Changes values; None to replay the original bytes.
        is_whole: Whether ``fix`` returns a whole value without looking at the old one.
        skipped_too: Whether what a person skipped is replayed.
    """

    targets: Mapping[str, str]
    dead: str
    quarantine_after: int = QUARANTINE_AFTER
    fix: Fix | None = None
    is_whole: bool = False
    skipped_too: bool = False


def decide(letter: Letter, replayed: ReplayRecords, rules: Rules) -> Message | Kept:
    """Return the record that goes back to the agent that failed on it, or why none does.

    It has the original key, value and headers, and the time at which its producer sent it. A record
    without a key keeps its partition number. Headers say how often it was replayed, which letter it
    was, and which record failed first.
    """
    record, reason = letter
    topic = rules.targets.get(reason.stage or "", "")
    state = letter.state(replayed, rules.quarantine_after)
    obstacles = {
        REPLAYED: state == "replayed",
        QUARANTINED.format(replays=reason.replays): state == "quarantined",
        BATCH: reason.exception == class_name(BatchSkipped),
        BY_OPERATOR: reason.reason == SKIPPED and not rules.skipped_too,
        NO_AGENT: not topic,
        EXCERPT: reason.original_bytes is not None and not rules.is_whole,
        MASKED: bool(reason.masked) and not rules.is_whole,
    }
    if why := next((why for why, applies in obstacles.items() if applies), ""):
        return Kept(why)
    try:
        value = rules.fix(record.value) if rules.fix else record.value
    except FixFailed as failure:
        return Kept(f"not fixed: {failure}")
    headers = [*original_headers(record.headers), *_replay_headers(letter, rules)]
    partition = (reason.partition or 0) if record.key is None else None
    return Message(topic, record.key, value, headers, partition=partition)


def _replay_headers(letter: Letter, rules: Rules) -> list[tuple[str, bytes]]:
    record, reason = letter
    texts = {
        "replays": str(reason.replays + 1),
        "replayed_from": f"{rules.dead}/{letter.address}",
        "first_failed": reason.first_failed or letter.origin,
    }
    if reason.fixed_from:
        texts["fixed_from"] = reason.fixed_from
    elif rules.fix:
        texts["fixed_from"] = reason.original_sha256 or sha256(record.value or b"").hexdigest()
    headers = [(HEADERS[field], text.encode()) for field, text in texts.items()]
    if reason.timestamp is not None and reason.timestamp >= 0:
        headers.append(sent_header(reason.timestamp))
    return headers
