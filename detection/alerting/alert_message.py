"""The message that is published when an alert changes."""

from datetime import datetime
from math import log

from detection.alerting.alert_state import SEVERITIES, AlertState
from detection.bins import ratio
from detection.rule import version
from schemas.alert import Alert, Headline, Status
from schemas.identity import alert_id


def alert_message(  # noqa: PLR0913 - an alert says many things
    name: str,
    status: Status,
    state: AlertState,
    *,
    onset: datetime,
    detected_at: datetime,
    evidence: float,
    sources: int = 0,
    headlines: tuple[Headline, ...] = (),
    members: tuple[str, ...] = (),
    model: str = "",
) -> Alert:
    """Return the message; ``evidence`` is a natural logarithm, counts are those since the onset."""
    severities = [item.severity for item in headlines if item.severity is not None]
    total, rule = state.total, version(state.rule)
    return Alert(
        id=alert_id(name, rule, onset),
        subject=name,
        status=status,
        severity=SEVERITIES[state.severity],
        onset=onset,
        detected_at=detected_at,
        volume=total.volume,
        expected_volume=total.expected,
        negative_share=ratio(total.negative, total.volume),
        expected_share=ratio(total.expected_negative, total.expected),
        evidence=evidence / log(10),
        discovery=state.discovery,
        sources=sources,
        stories=total.stories,
        signals=total.signals,
        headlines=headlines,
        news_severity=max(severities, default=None),
        members=members,
        model=model,
        rule=rule,
    )
