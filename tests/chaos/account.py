"""The account of a run: the committed records against what must come of those in `news.raw`."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson

from agents.cluster_layout import ClusterLayout
from agents.detect import Detect
from agents.detecting.detector_changelog import BUFFER_KEY
from detection.rule import Rule
from schemas.channels import ACCEPTED, ALERTS, DEAD, SCORED, SIGNALS, STATE_DETECT
from streams.core.handler import Batch
from streams.core.record import Stored
from tests.chaos.outside import committed

DETECTOR_KEYS = b"d|"


class Raw(NamedTuple):
    """A record of `news.raw`; offsets may be used again after a log was cut off."""

    partition: int
    offset: int
    key: str


class Account(NamedTuple):
    """The result.

    Attributes:
        records_in: Records in `news.raw`.
        records_out: Committed records in the topics of results.
        lost: Results that are missing.
        doubled: Results that are there once too often.
        count_errors: Entries of the detector's memory that are not, byte for byte, those of a
            detector that counted each signal once and in order.
        problems: All differences, in words.
    """

    records_in: int
    records_out: int
    lost: int
    doubled: int
    count_errors: int
    problems: tuple[str, ...]


class Difference(NamedTuple):
    """Results of one kind that are missing, and that are there too often."""

    what: str
    missing: Counter[Hashable]
    extra: Counter[Hashable]

    @property
    def problems(self) -> list[str]:
        """The differences in words."""
        return [
            f"{what}: {sum(keys.values())} {kind}, such as {sorted(map(str, keys))[:4]}"
            for what, kind, keys in (
                (self.what, "lost", self.missing),
                (self.what, "doubled", self.extra),
            )
            if keys
        ]


def compare(what: str, records: Iterable[Hashable], expected: Iterable[Hashable]) -> Difference:
    """Return what is missing and what is there too often."""
    actual, wanted = Counter(iter(records)), Counter(iter(expected))
    return Difference(what, wanted - actual, actual - wanted)


async def balance(
    layout: ClusterLayout, rule: Rule, raw: Sequence[Raw], subjects: Mapping[str, tuple[str, ...]]
) -> Account:
    """Read all topics and compare them with what must come of the records ``raw``."""
    articles = [record.key for record in raw if record.key in subjects]
    malformed = [record.key for record in raw if record.key not in subjects]
    once = dict.fromkeys(articles)
    results = {
        channel: await committed(layout, channel) for channel in (ACCEPTED, SCORED, SIGNALS, DEAD)
    }
    keys = {channel: list(map(_key, records)) for channel, records in results.items()}
    signals = [
        (orjson.loads(record.value or b"")["key"], _key(record)) for record in results[SIGNALS]
    ]
    wanted_signals = [(key, subject) for key in once for subject in subjects[key]]
    alerts, memory = await reference(layout, rule, results[SIGNALS])
    alerted = [record.value for record in await committed(layout, ALERTS)]
    differences = [
        compare(ACCEPTED.topic, keys[ACCEPTED], articles),
        compare(SCORED.topic, keys[SCORED], once),
        compare(SIGNALS.topic, signals, wanted_signals),
        compare(DEAD.topic, keys[DEAD], malformed),
        compare(ALERTS.topic, alerted, alerts),
    ]
    counts = await count_errors(layout, memory)
    problems = [problem for difference in differences for problem in difference.problems]
    if counts:
        problems.append(f"{len(counts)} entries of the detector differ: {counts[:4]}")
    return Account(
        records_in=len(raw),
        records_out=sum(map(len, results.values())) + len(alerted),
        lost=sum(sum(difference.missing.values()) for difference in differences),
        doubled=sum(sum(difference.extra.values()) for difference in differences),
        count_errors=len(counts),
        problems=tuple(problems),
    )


async def reference(
    layout: ClusterLayout, rule: Rule, signals: Sequence[Stored]
) -> tuple[list[bytes], dict[tuple[int, bytes], bytes | None]]:
    """Return alerts and memory of a detector that reads each signal once, without a restart."""
    detect = Detect(layout.topic(ALERTS.topic), rule, layout.partitions**2)
    alerts: list[bytes] = []
    memory: dict[tuple[int, bytes], bytes | None] = {}
    for partition in range(layout.signal_partitions):
        records = [record for record in signals if record.partition == partition]
        now = max((record.timestamp for record in records), default=0)
        batch = Batch(partition, records, detect.recall(partition, []), now)
        for decision in await detect.handle([batch]):
            alerts += [message.value or b"" for message in decision.messages]
            memory |= {(partition, key): value for key, value in decision.changes}
    return alerts, memory


async def count_errors(
    layout: ClusterLayout, expected: Mapping[tuple[int, bytes], bytes | None]
) -> list[str]:
    """Return the names of the entries in which the detector's memory differs from ``expected``."""
    actual = {
        (record.partition, record.key or b""): record.value
        for record in await committed(layout, STATE_DETECT)
    }
    relevant = {key for key in actual.keys() | expected.keys() if key[1].startswith(DETECTOR_KEYS)}
    return [
        f"{partition} {key.decode()}"
        for partition, key in sorted(relevant | {(0, BUFFER_KEY)})
        if not _is_same(key, actual.get((partition, key)), expected.get((partition, key)))
    ]


def _is_same(key: bytes, actual: bytes | None, expected: bytes | None) -> bool:
    """Compare two values; of the buffer's note only what it says about counting."""
    if key != BUFFER_KEY or not actual or not expected:
        return actual == expected
    notes = orjson.loads(actual), orjson.loads(expected)
    names = ("released", "late", "waiting", "oldest", "set_aside")
    return [notes[0][name] for name in names] == [notes[1][name] for name in names]


def _key(record: Stored) -> str:
    return (record.key or b"").decode(errors="replace")
