"""Judgements of the doctor that need no cluster."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress

import pytest

from infra.doctor import brokers, positions, transactions
from infra.doctor.broker_settings import judge as judge_settings
from infra.doctor.checkup import Check, Result, check_up
from infra.doctor.connection import judge as judge_connections
from infra.doctor.examination import Examination, PartitionState
from infra.doctor.finding import Finding, fault, ok
from infra.doctor.model import judge_failure
from infra.settings.model import Settings, load
from nlp.classifier import ModelMissing
from nlp.settings import ModelSettings
from streams.positions.landmarks import Remembered

DAY = 86_400.0
EXAMINATION = Examination(Settings(), seconds=0.2)
(ROLE, *_) = EXAMINATION.roles


def state(
    committed: int = 0, remembered: int = 0, start: int = 0, end: int = 100
) -> PartitionState:
    """Return the place of an agent in a log."""
    return PartitionState(ROLE, 0, committed, Remembered(remembered), None, start, end)


@pytest.mark.parametrize(
    ("where", "is_intact", "status", "words"),
    [
        (state(committed=100), True, "ok", "0 offsets behind"),
        (state(start=40), True, "ok", "60 offsets behind"),
        (state(committed=101), True, "fault", "beyond the end of the log"),
        (state(remembered=101), True, "fault", "beyond the end of the log"),
        (state(committed=50), False, "fault", "has other records"),
        (state(committed=50, start=60), True, "fault", "deleted 10 offsets"),
        (state(remembered=50), True, "warning", "behind the remembered position 50"),
    ],
)
def test_each_kind_of_position_is_told_apart(
    where: PartitionState, is_intact: bool, status: str, words: str
) -> None:
    """A log that lost records would be called expired, or the other way round."""
    (finding,) = positions.judge([(where, is_intact)])
    assert finding.status == status
    assert words in finding.detail


@pytest.mark.parametrize(
    ("ahead", "status", "words"),
    [
        ({0: 0.5, 1: -2.0}, "ok", "within 2.0 s"),
        ({0: 0.0, 1: 60.0}, "warning", "broker 1 is 60 s ahead of ours"),
        ({0: -7_200.0}, "fault", "7200 s behind ours, and so Kafka refuses what we write"),
        ({0: 7_200.0}, "fault", "7200 s ahead of ours, and so Kafka may delete"),
        ({}, "not checked", "no broker tells"),
    ],
)
def test_a_clock_that_is_wrong_is_told_with_the_broker(
    ahead: dict[int, float], status: str, words: str
) -> None:
    """All records would be refused or deleted, and nobody look at a clock."""
    (finding,) = transactions.judge_clocks(ahead)
    assert finding.status == status
    assert words in finding.detail


@pytest.mark.parametrize(
    ("free", "total", "error", "status"),
    [
        (100 << 30, 200 << 30, 0, "ok"),
        (1 << 30, 200 << 30, 0, "warning"),
        (100 << 20, 200 << 30, 0, "fault"),
        (100 << 30, 200 << 30, 56, "fault"),
        (-1, -1, 0, "not checked"),
    ],
)
def test_a_disk_that_is_nearly_full_is_told(free: int, total: int, error: int, status: str) -> None:
    """A full disk stops the broker for good, and with it everything."""
    folder = {"folder": "/kafka", "error_code": error, "free_bytes": free, "total_bytes": total}
    assert brokers.judge_disk("kafka:9092", folder).status == status


@pytest.mark.parametrize(
    ("variable", "value", "broker", "status"),
    [
        ("KAFKA__TRANSACTION_TIMEOUT", "60", {"transaction.max.timeout.ms": "30000"}, "fault"),
        ("WORKER__SESSION_TIMEOUT", "6", {"group.min.session.timeout.ms": "8000"}, "fault"),
        ("WORKER__KEEP_ALIVE", "60", {"transactional.id.expiration.ms": "60000"}, "warning"),
        ("LOG__LEVEL", "info", {"offsets.retention.minutes": "60"}, "warning"),
        ("LOG__LEVEL", "info", {"unclean.leader.election.enable": "true"}, "warning"),
        (
            "LOG__LEVEL",
            "info",
            {"group.coordinator.rebalance.protocols": "consumer"},
            "fault",
        ),
        ("LOG__LEVEL", "info", {}, "ok"),
    ],
)
def test_a_setting_of_the_broker_that_contradicts_ours_is_told(
    variable: str, value: str, broker: dict[str, str], status: str
) -> None:
    """Two settings that do not fit would be found by the worker that meets them."""
    settings = load(None, {f"NEWSQUAKE_{variable}": value})
    (finding,) = judge_settings(settings, broker)
    assert finding.status == status
    assert all(name in finding.detail for name in broker)


@pytest.mark.parametrize(
    ("members", "age", "status"),
    [(0, 6 * DAY, "warning"), (1, 6 * DAY, None), (0, DAY, None), (0, None, None)],
)
def test_a_group_that_is_away_for_days_is_told(
    members: int, age: float | None, status: str | None
) -> None:
    """Kafka forgets its offsets after a week, in silence."""
    group: dict[str, object] = {"members": [{}] * members, "protocol": "faust" if members else ""}
    findings = list(positions.judge_group(ROLE, group, age, 7 * DAY))
    assert [finding.status for finding in findings] == ([status] if status else [])


def test_a_model_of_another_language_that_is_missing_is_named() -> None:
    """The first model would be blamed, which is fine."""
    error = ModelMissing("nlp.languages.de can't be used: model x is no folder: fetch it")
    finding = judge_failure(ModelSettings(model="lexicon"), error)
    assert finding.detail == "nlp.languages.de can't be used"
    other = judge_failure(ModelSettings(model="acme"), ModelMissing("no torch: install it"))
    assert other.detail == "acme can't be used: no torch"


def test_an_old_release_of_kafka_is_told() -> None:
    """Somebody would learn from a failure that his cluster is older than any that was tried."""
    ((old,), (new,)) = (list(brokers.judge_release(["a:1"], level)) for level in (20, 30))
    assert (old.status, new.status) == ("warning", "ok")
    assert "Kafka 3.8" in old.detail


def test_one_bootstrap_server_of_two_that_is_away_is_a_warning() -> None:
    """The cluster would look broken while it works, or whole while half of it is gone."""
    both = {"a:1": None, "b:1": fault("no Kafka at b:1", "start it")}
    findings = list(judge_connections(EXAMINATION.cluster, both))
    assert [finding.status for finding in findings] == ["warning", "ok"]


async def test_a_check_that_hangs_or_breaks_stops_no_other() -> None:
    """The command that is to say why all hangs would hang itself."""

    async def well(_: Examination) -> Iterable[Finding]:
        return [ok("well")]

    async def hang(_: Examination) -> Iterable[Finding]:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)  # as a client does that closes itself while its broker is frozen
        return []

    async def fail(_: Examination) -> Iterable[Finding]:
        raise ZeroDivisionError("a bug of ours")

    checks = [
        Check("hanging", "", hang),
        Check("failing", "", fail),
        Check("dependent", "", well, ("hanging",)),
        Check("indirect", "", well, ("dependent",)),
        Check("well", "", well),
    ]
    began = time.monotonic()
    results: list[Result] = [result async for result in check_up(EXAMINATION, checks)]
    assert time.monotonic() - began < 5
    assert [result.status for result in results] == [
        "fault", "fault", "not checked", "not checked", "ok",
    ]  # fmt: skip
    assert "no answer within 0.2 s" in results[0].detail
    assert "ZeroDivisionError: a bug of ours" in results[1].detail
