"""The demo's account: a balance check of the records in the topics against the known feed.

It is pure and independent of the workers: a tally counts records under read_committed, and the
feed knows by construction which counts must come of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from demo.feed.generate import Feed, Surge
from schemas.alert import Alert

LATE: Final = timedelta(hours=6)
"""An alert within this time after the last article of a surge is still about the surge."""

_ECHO_SHARE: Final = 0.5
"""An alert is an echo if more than this share of its headlines are about the surge's subject."""

_MAX_QUOTED_KEYS: Final = 3
"""A problem quotes at most so many keys of articles."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The content of the topics.

    Attributes:
        published: Number of records that the broker acknowledged to the producer.
        accepted: Number of accepted records by key.
        scored: Number of scored records by key.
        dead: Number of dead letters.
        subjects: The subjects of each scored key; each must have led to one signal.
        signals: Number of signals.
        alerts: All alerts, in the order of reading.
    """

    published: int
    accepted: Mapping[str, int]
    scored: Mapping[str, int]
    dead: int
    subjects: Mapping[str, tuple[str, ...]]
    signals: int
    alerts: tuple[Alert, ...]

    @property
    def duplicates(self) -> int:
        """Number of accepted records beyond the first of their key."""
        return sum(self.accepted.values()) - len(self.accepted)

    @property
    def firing(self) -> list[Alert]:
        """The alerts that announce the beginning of a surge."""
        return [alert for alert in self.alerts if alert.status == "firing"]


class Line(NamedTuple):
    """One number of the account, and the number that it must equal."""

    label: str
    counted: int
    expected: int

    @property
    def closes(self) -> bool:
        """True if both numbers are equal."""
        return self.counted == self.expected


class Finding(NamedTuple):
    """A planted surge, and the first alert about it."""

    surge: Surge
    alert: Alert | None


class Account(NamedTuple):
    """The result of the balance check.

    Attributes:
        lines: All numbers.
        findings: Each planted surge with its alert.
        echoes: Alerts on other subjects that articles of a planted surge caused.
        false_alarms: All other alerts; they are counted, but they are no problem.
        problems: Every difference, in words.
    """

    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    echoes: tuple[Alert, ...]
    false_alarms: tuple[Alert, ...]
    problems: tuple[str, ...]

    @property
    def closes(self) -> bool:
        """True if no record is missing or doubled and every surge was found."""
        return not self.problems


def balance(tally: Tally, feed: Feed) -> Account:
    """Compare the records in the topics with the feed."""
    scored = sum(tally.scored.values())
    total = scored + tally.duplicates + tally.dead
    lines = (
        Line("published", tally.published, len(feed.sent)),
        Line("scored", scored, feed.unique_articles),
        Line("duplicates", tally.duplicates, feed.copies),
        Line("dead letters", tally.dead, feed.dead),
        Line("scored + duplicates + dead", total, tally.published),
        Line("signals", tally.signals, sum(map(len, tally.subjects.values()))),
    )
    findings = []
    for surge in feed.surges:
        alerts = [alert for alert in tally.firing if is_about(alert, surge)]
        first = min(alerts, key=lambda alert: alert.detected_at, default=None)
        findings.append(Finding(surge, first))
    others = [
        alert for alert in tally.firing if not any(is_about(alert, surge) for surge in feed.surges)
    ]
    echoes = tuple(
        alert for alert in others if any(_is_echo(alert, surge, tally) for surge in feed.surges)
    )
    return Account(
        lines=lines,
        findings=tuple(findings),
        echoes=echoes,
        false_alarms=tuple(alert for alert in others if alert not in echoes),
        problems=tuple(_problems(tally, lines, findings)),
    )


def is_about(alert: Alert, surge: Surge) -> bool:
    """Return whether the alert names the surge's subject at the surge's time."""
    return alert.subject == surge.subject and _is_in_time(alert, surge)


def _is_in_time(alert: Alert, surge: Surge) -> bool:
    return surge.start <= alert.detected_at <= surge.end + LATE


def _is_echo(alert: Alert, surge: Surge, tally: Tally) -> bool:
    about_surge = sum(
        surge.subject in tally.subjects.get(headline.key, ()) for headline in alert.headlines
    )
    return _is_in_time(alert, surge) and about_surge > _ECHO_SHARE * len(alert.headlines)


def _problems(tally: Tally, lines: Iterable[Line], findings: Iterable[Finding]) -> Iterator[str]:
    for line in lines:
        if not line.closes:
            yield f"{line.label}: {line.counted} instead of {line.expected}"

    accepted, scored = set(tally.accepted), set(tally.scored)
    for label, keys in (
        ("accepted and never scored", accepted - scored),
        ("scored and never accepted", scored - accepted),
        ("scored more than once", {key for key, count in tally.scored.items() if count > 1}),
    ):
        if keys:
            quoted = ", ".join(sorted(keys)[:_MAX_QUOTED_KEYS])
            yield f"{len(keys)} {label}: {quoted}{', …' if len(keys) > _MAX_QUOTED_KEYS else ''}"

    if extra := len(tally.alerts) - len({alert.event_id for alert in tally.alerts}):
        yield f"{extra} alerts were sent more than once"
    for finding in findings:
        if finding.alert is None:
            yield f"no alert for the planted surge on {finding.surge.subject}"
