"""The detector's memory survives releases and settings.

`tests/golden/surge-5-state.detect.jsonl` is what the algorithm surge-5 had written while three
alerts fired, after `CUT` of the golden signals in the order of their publication, and those of
surge-6 and surge-7 while two did.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest

from agents.backup import plan_backup
from agents.cluster_layout import ClusterLayout
from detection.rule import Rule
from schemas.alert import Alert
from schemas.signal import Signal
from streams.core.record import Stored
from streams.testing.memory_log import MemoryLog
from tests.agents.test_upgrade import DAY, stored

Detecting = Callable[..., Any]
Planted = Callable[..., Awaitable[list[Stored]]]
CUT = 165
FORMER = Rule(bin=timedelta(minutes=20), false_alarms_per_subject_month=1.0)
"""Its bins do not begin and end as those of an hour do."""


def golden_signals() -> list[Stored]:
    """Return the golden signals in the order in which they were published."""
    return sorted(
        stored("news.signals"), key=lambda record: orjson.loads(record.value or b"")["published"]
    )


def population_of(detector: Any) -> Mapping[bytes, bytes]:
    """Return what the changelog of a detector says of subjects and the market."""
    return {key: value for key, value in detector.changelog.items() if key.startswith(b"d|")}


async def grown_up(detector: Any, signals: list[Stored]) -> Any:
    """Let a detector read signals, and then wait until it has counted them; return it."""
    await detector.read(signals, chunk=50)
    await detector.wait(31)
    return detector


async def gone_on(detector: Any, release: str) -> Any:
    """Let a detector go on from the state of a release to the end of the news; return it."""
    signals = golden_signals()
    detector.changelog = {it.key: it.value for it in stored("state.detect", release)}
    detector.log = signals[:CUT]
    detector.restart()
    await detector.read(signals[CUT:], chunk=20)
    await detector.wait(30 * DAY)
    return detector


def amid_the_storm(signals: list[Stored]) -> list[Stored]:
    """Return the signals up to the storm of 30 April, and one of another ten hours later."""
    early = [record for record in signals if b"2024-05" not in (record.value or b"")]
    other = next(record for record in early if record.key == b"company:EMCA")
    signal = orjson.loads(other.value or b"") | {
        "published": "2024-04-30T10:00:00Z",
        "key": "f" * 32,
    }
    return [*early, other._replace(value=orjson.dumps(signal))]


async def test_the_state_of_surge_5_is_gone_on_from(detecting: Detecting) -> None:
    """A new release would not start, or would leave the alerts of the last one open for ever."""
    detector = await gone_on(detecting(), "surge-5-")
    fired = [Alert.from_bytes(record.value) for record in stored("alerts")[:3]]
    assert {(it.id, it.subject) for it in detector.alerts} == {(it.id, it.subject) for it in fired}
    assert [it.status for it in detector.alerts if it.status != "updated"] == ["resolved"] * 3


@pytest.mark.parametrize("release", ["surge-6-", "surge-7-"])
async def test_the_states_of_later_algorithms_are_gone_on_from(
    detecting: Detecting, release: str
) -> None:
    """Alerts of the release before would stay open, or the worker would not start."""
    detector = await gone_on(detecting(), release)
    ended = [it.subject for it in detector.alerts if it.status == "resolved"]
    assert {"company:ACME", "topic:credit"} <= set(ended)
    assert not any(it.status == "firing" and it.subject == "topic:credit" for it in detector.alerts)


async def test_other_bins_rebuild_the_state_that_they_would_have_had(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """After a change of the bins a worker would not start, or know nothing of any company."""
    signals = await planted(log)
    former = await grown_up(detecting(FORMER), signals)
    always = await grown_up(detecting(Rule()), signals)
    changed = detecting(Rule())
    changed.changelog, changed.log = dict(former.changelog), list(former.log)
    changed.restart()
    await changed.wait(1)
    await always.wait(1)
    assert population_of(changed) == population_of(always)


async def test_readers_learn_of_alerts_that_the_former_detector_left_open(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """An alert of the former settings would stay open for ever, and those of the new be unknown."""
    former = await grown_up(detecting(FORMER), amid_the_storm(await planted(log)))
    assert "resolved" not in {it.status for it in former.alerts}
    changed = detecting(Rule())
    changed.changelog, changed.log = dict(former.changelog), list(former.log)
    changed.restart()
    await changed.wait(1)
    ended = {it.id for it in changed.alerts if it.status == "resolved"}
    begun = {it.subject for it in changed.alerts if it.status == "firing"}
    assert ended == {it.id for it in former.alerts}
    assert "company:ACME" in begun
    changed.restart()
    assert await changed.wait(1) == []


async def test_a_rebuild_that_dies_begins_again(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A worker that is killed while it rebuilds would go on from half a state."""
    former = await grown_up(detecting(FORMER), amid_the_storm(await planted(log)))
    results = []
    for deaths in (0, 2):
        changed = detecting(Rule())
        changed.changelog, changed.log = dict(former.changelog), list(former.log)
        for _ in range(deaths + 1):
            changed.restart()
        await changed.wait(1)
        results.append((population_of(changed), [it.id for it in changed.alerts]))
    assert results[0] == results[1]


async def test_what_the_log_no_longer_has_is_forgotten(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """Bytes of subjects in another detector's bins would be read as if they were in these."""
    signals = await planted(log)
    former = await grown_up(detecting(FORMER), signals)
    changed = detecting(Rule())
    changed.changelog = dict(former.changelog)
    changed.log = []
    changed.restart()
    await changed.wait(1)
    assert population_of(changed) == {}


@pytest.mark.parametrize("algorithm", ["surge-5", "surge-7"])
@pytest.mark.parametrize(
    ("rule", "is_taken"), [(Rule(), True), (Rule(bin=timedelta(minutes=5)), False)]
)
def test_a_backup_of_an_earlier_algorithm_can_be_imported(
    rule: Rule, is_taken: bool, algorithm: str
) -> None:
    """After an upgrade nobody could use the backups that were made before."""
    check = plan_backup(ClusterLayout(partitions=1), rule).check
    (note,) = (it for it in stored("state.detect", f"{algorithm}-") if it.key == b"r|")
    if is_taken:
        check("state.detect", b"r|", note.value)
        return
    with pytest.raises(ValueError, match=f"{algorithm} with bins of 1:00:00"):
        check("state.detect", b"r|", note.value)


async def test_an_alert_of_the_open_bin_ends_under_its_id(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """An alert that fired in the first hour of its surge would stay open for ever."""
    signals = amid_the_storm(await planted(log))
    former = detecting(Rule())
    for record in signals:
        await former.read([record], chunk=1)
        if former.alerts:
            break
    changed = detecting(FORMER)
    changed.changelog, changed.log = dict(former.changelog), list(former.log)
    changed.restart()
    await changed.wait(1)
    ended = {it.id for it in changed.alerts if it.status == "resolved"}
    assert ended == {it.id for it in former.alerts}


async def test_a_clock_in_the_future_does_not_keep_other_bins_from_a_rebuild(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """Hours would be read as the former two hours, and all news be late for years."""
    wide = Rule(bin=timedelta(hours=2), max_ahead=timedelta(days=36_500))
    signals = [
        record._replace(
            timestamp=round(Signal.from_bytes(record.value).published.timestamp() * 1e3)
        )
        for record in await planted(log)
    ]
    misdated = orjson.loads(signals[-1].value or b"") | {
        "published": "2024-06-20T10:00:00Z",
        "key": "e" * 32,
    }
    news = [*signals, signals[-1]._replace(value=orjson.dumps(misdated))]
    former = await grown_up(detecting(wide), news)
    changed = detecting(Rule())
    changed.changelog, changed.log = dict(former.changelog), list(former.log)
    changed.restart()
    assert changed.handler.rereads_all(changed.memory)
