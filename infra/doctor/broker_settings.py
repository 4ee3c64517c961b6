"""Check the brokers' settings that bear on ours."""

from collections.abc import Iterator, Mapping
from typing import Final

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, fault, not_checked, ok, warning
from infra.settings.model import Settings

_DAY_MINUTES: Final = 24 * 60
_MILLISECONDS: Final = 1_000
Values = Mapping[str, str]


async def broker_settings(examination: Examination) -> Iterator[Finding]:
    """Ask each broker for its settings."""
    findings: dict[Finding, None] = {}
    for broker in examination.brokers:
        resource = ConfigResource(ConfigResourceType.BROKER, str(broker.nodeId))
        for answer in await examination.admin.describe_configs([resource]):
            for code, _, _, _, entries in answer.resources:
                if code:
                    findings[hidden_settings(for_code(code).__name__)] = None
                    continue
                values = {entry[0]: entry[1] for entry in entries if entry[1] is not None}
                examination.broker_settings[broker.nodeId] = values
                findings |= dict.fromkeys(judge(examination.settings, values))
    bad = [finding for finding in findings if finding.status != "ok"]
    return iter(bad or list(findings))


def hidden_settings(error: str) -> Finding:
    """Return that the brokers tell nothing."""
    detail = f"the brokers do not tell their settings ({error})"
    return not_checked(detail, "grant DescribeConfigs on the cluster, or ask an administrator")


def judge(settings: Settings, broker: Values) -> Iterator[Finding]:
    """Yield the settings of a broker that ours contradict; one line if there is none."""
    findings = [
        *judge_transactions(settings, broker),
        *judge_members(settings, broker),
        *judge_offsets(broker),
        *judge_elections(broker),
    ]
    names = "transactions, group members, offsets and elections"
    yield from findings or [ok(f"fit ours: {names}")]


def judge_transactions(settings: Settings, broker: Values) -> Iterator[Finding]:
    """Yield time-outs of transactions that do not fit ours."""
    ours = settings.kafka.transaction_timeout
    longest = int(broker.get("transaction.max.timeout.ms", "900000")) / _MILLISECONDS
    if ours > longest:
        yield fault(
            f"transaction.max.timeout.ms is {longest * _MILLISECONDS:.0f}, less than our "
            f"transaction time-out of {ours:g} s: no agent can begin a transaction",
            f"set NEWSQUAKE_KAFKA__TRANSACTION_TIMEOUT={longest:g}, or raise the broker's",
        )
    expiration = int(broker.get("transactional.id.expiration.ms", "604800000")) / _MILLISECONDS
    if settings.worker.keep_alive >= expiration:
        yield warning(
            f"transactional.id.expiration.ms is {expiration * _MILLISECONDS:.0f}, not more than "
            f"our {settings.worker.keep_alive:g} s between commits of an idle partition: a quiet "
            "worker ends and starts again",
            f"set NEWSQUAKE_WORKER__KEEP_ALIVE={max(expiration / 2, 0.5):g}",
        )


def judge_members(settings: Settings, broker: Values) -> Iterator[Finding]:
    """Yield limits of group members that do not fit ours."""
    lowest = int(broker.get("group.min.session.timeout.ms", "6000")) / _MILLISECONDS
    highest = int(broker.get("group.max.session.timeout.ms", "1800000")) / _MILLISECONDS
    ours = settings.worker.session_timeout
    if not lowest <= ours <= highest:
        yield fault(
            f"our session time-out of {ours:g} s is outside group.min.session.timeout.ms and "
            f"group.max.session.timeout.ms, {lowest:g} to {highest:g} s: no agent can join",
            "set NEWSQUAKE_WORKER__SESSION_TIMEOUT="
            f"{min(max(ours, lowest), highest):g}, or change the broker's",
        )
    protocols = broker.get("group.coordinator.rebalance.protocols", "classic")
    if "classic" not in protocols:
        yield fault(
            f"group.coordinator.rebalance.protocols is {protocols}: no agent can join",
            "add classic to it on the brokers, and restart them",
        )


def judge_offsets(broker: Values) -> Iterator[Finding]:
    """Yield a retention of offsets that is short."""
    minutes = int(broker.get("offsets.retention.minutes", "10080"))
    if minutes < _DAY_MINUTES:
        yield warning(
            f"offsets.retention.minutes is {minutes}: a group that is away so long is forgotten",
            f"set offsets.retention.minutes={7 * _DAY_MINUTES} on the brokers; agents go on from "
            "what they remember, other consumers do not",
        )


def judge_elections(broker: Values) -> Iterator[Finding]:
    """Yield that a broker that was behind may become leader."""
    if broker.get("unclean.leader.election.enable") == "true":
        yield warning(
            "unclean.leader.election.enable is true: a broker that was behind may become leader, "
            "and what it lacks is lost",
            "set unclean.leader.election.enable=false on the brokers",
        )
