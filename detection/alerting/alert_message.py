"""A change of an alert's state, put into the words that travel."""

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
    episode: AlertState,
    *,
    onset: datetime,
    at: datetime,
    evidence: float,
    sources: int = 0,
    headlines: tuple[Headline, ...] = (),
    members: tuple[str, ...] = (),
    model: str = "",
) -> Alert:
    """``evidence`` is a natural logarithm; all counts are those of the episode so far."""
    total, rule = episode.total, version(episode.phase.rule)
    return Alert(
        id=alert_id(name, rule, onset),
        subject=name,
        status=status,
        severity=SEVERITIES[episode.phase.severity],
        onset=onset,
        detected_at=at,
        volume=total.volume,
        expected_volume=total.expected,
        negative_share=ratio(total.negative, total.volume),
        expected_share=ratio(total.dark, total.expected),
        evidence=evidence / log(10),
        discovery=episode.phase.discovery,
        sources=sources,
        stories=total.stories,
        signals=total.signals,
        headlines=headlines,
        members=members,
        model=model,
        rule=rule,
    )
