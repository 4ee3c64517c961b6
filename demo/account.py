"""The demo's account: what came out of the topics against what is known to have gone in.

Pure, and independent of the workers: a tally counts records under read_committed, the feed knows by
construction what must have come of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from demo.feed.generate import Feed, Surge
from schemas.alert import Alert

LATE = timedelta(hours=6)
"""An alert may come so long after the last article of a surge and still be about it."""
_ECHO_SHARE = 0.5
_NAMED = 3  # keys that a difference quotes


@dataclass(frozen=True, slots=True)
class Tally:
    """What is in the topics; ``accepted`` and ``scored`` count the records of each key."""

    published: int
    accepted: Mapping[str, int]
    scored: Mapping[str, int]
    dead: int
    subjects: Mapping[str, tuple[str, ...]]
    """Of each scored key: as many signals must have been sent."""
    signals: int
    alerts: tuple[Alert, ...]

    @property
    def duplicates(self) -> int:
        """Accepted records beyond the first of their key."""
        return sum(self.accepted.values()) - len(self.accepted)

    @property
    def firing(self) -> list[Alert]:
        """The alerts that say that something begins."""
        return [alert for alert in self.alerts if alert.status == "firing"]


class Line(NamedTuple):
    """One number of the account, and what it has to be."""

    what: str
    counted: int
    expected: int

    @property
    def closes(self) -> bool:
        """Whether both are the same."""
        return self.counted == self.expected


class Finding(NamedTuple):
    """A planted surge, and the first alert about it."""

    surge: Surge
    alert: Alert | None


class Account(NamedTuple):
    """All numbers, what became of the surges, and every difference in words."""

    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    echoes: tuple[Alert, ...]
    """On another subject, but carried by the articles of a planted surge."""
    false_alarms: tuple[Alert, ...]
    problems: tuple[str, ...]

    @property
    def closes(self) -> bool:
        """Whether nothing is missing, doubled or overlooked."""
        return not self.problems


def settle(tally: Tally, feed: Feed) -> Account:
    """Compare what came out with what went in. False alarms are counted, not held against it."""
    lines = tuple(_lines(tally, feed))
    findings = tuple(Finding(surge, _found(surge, tally.firing)) for surge in feed.surges)
    others = [it for it in tally.firing if not any(is_about(it, s) for s in feed.surges)]
    echoes = tuple(it for it in others if any(_is_echo(it, s, tally) for s in feed.surges))
    return Account(
        lines=lines,
        findings=findings,
        echoes=echoes,
        false_alarms=tuple(it for it in others if it not in echoes),
        problems=tuple(_problems(tally, lines, findings)),
    )


def is_about(alert: Alert, surge: Surge) -> bool:
    """Whether the alert names the surge's subject, in the surge's time."""
    return alert.subject == surge.subject and _is_in_time(alert, surge)


def _lines(tally: Tally, feed: Feed) -> Iterator[Line]:
    scored = sum(tally.scored.values())
    yield Line("published", tally.published, len(feed.sent))
    yield Line("scored", scored, feed.unique_articles)
    yield Line("duplicates", tally.duplicates, feed.copies)
    yield Line("dead letters", tally.dead, feed.dead)
    yield Line(
        "scored + duplicates + dead", scored + tally.duplicates + tally.dead, tally.published
    )
    yield Line("signals", tally.signals, sum(map(len, tally.subjects.values())))


def _problems(tally: Tally, lines: Iterable[Line], findings: Iterable[Finding]) -> Iterator[str]:
    for line in lines:
        if not line.closes:
            yield f"{line.what}: {line.counted} instead of {line.expected}"
    accepted, scored = set(tally.accepted), set(tally.scored)
    twice = [key for key, count in tally.scored.items() if count > 1]
    yield from _keys("accepted and never scored", accepted - scored)
    yield from _keys("scored and never accepted", scored - accepted)
    yield from _keys("scored more than once", twice)
    yield from _repeated(tally.alerts)
    for finding in findings:
        if finding.alert is None:
            yield f"no alert for the planted surge on {finding.surge.subject}"


def _keys(what: str, keys: Iterable[str]) -> Iterator[str]:
    listed = sorted(keys)
    if listed:
        more = ", …" if len(listed) > _NAMED else ""
        yield f"{len(listed)} {what}: {', '.join(listed[:_NAMED])}{more}"


def _repeated(alerts: Sequence[Alert]) -> Iterator[str]:
    extra = len(alerts) - len({(it.id, it.status, it.severity, it.discovery) for it in alerts})
    if extra:
        yield f"{extra} alerts were sent more than once"


def _found(surge: Surge, firing: Iterable[Alert]) -> Alert | None:
    about = [alert for alert in firing if is_about(alert, surge)]
    return min(about, key=lambda alert: alert.detected_at, default=None)


def _is_in_time(alert: Alert, surge: Surge) -> bool:
    return surge.start <= alert.detected_at <= surge.end + LATE


def _is_echo(alert: Alert, surge: Surge, tally: Tally) -> bool:
    told = [surge.subject in tally.subjects.get(line.key, ()) for line in alert.headlines]
    return _is_in_time(alert, surge) and sum(told) > _ECHO_SHARE * len(told)
