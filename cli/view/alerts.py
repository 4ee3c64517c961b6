"""Past alerts as lines for people and as JSON for programs."""

import sys
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

import orjson
import typer

from agents.silencing.silence_book import SilenceBook
from agents.telling.alert_history import AlertHistory
from agents.telling.alert_sentence import alert_sentence, local_time
from infra.terminal import alert_summary, fitted, printable, sources_text
from schemas.alert import Alert
from schemas.silence import Silence


def history_line(
    history: AlertHistory, book: SilenceBook, now: datetime, zone: tzinfo | None = None
) -> str:
    """Return an alert in one line: id, whether it is open, times, and who takes care of it."""
    alert = history.latest
    status = f"{'open' if history.is_open else 'resolved':<8} {alert.severity:<8}"
    ended = f" to {local_time(history.ended, zone)}" if history.ended else ""
    line = fitted(
        f"{printable(alert.id)}  {status} {printable(alert.subject)}  "
        f"{local_time(history.began, zone)}{ended}  {alert_summary(alert)}"
        f"{attention(history, book, now, zone)}"
    )
    if sys.stdout.isatty():
        colour = typer.colors.RED if history.is_open else typer.colors.GREEN
        line = line.replace(status, typer.style(status, fg=colour, bold=True), 1)
    return line


def attention(
    history: AlertHistory, book: SilenceBook, now: datetime, zone: tzinfo | None = None
) -> str:
    """Return who takes care of an alert, and whether it is silenced, as the end of a line."""
    parts = []
    if word := book.acknowledgement(history.latest.id):
        parts.append(f"acknowledged by {printable(word.who)}")
    silence = book.covering(history.latest.subject, now) if history.is_open else None
    if silence and silence.until:
        parts.append(
            f"silenced by {printable(silence.who)} until {local_time(silence.until, zone)}"
        )
    elif history.changes[0].silence:
        parts.append("silenced when it fired")
    return "".join(f"; {part}" for part in parts)


def history_text(
    history: AlertHistory, book: SilenceBook, now: datetime, zone: tzinfo | None = None
) -> Iterator[str]:
    """Yield the lines about one alert: sentence, evidence, headlines and life-cycle."""
    yield history_line(history, book, now, zone)
    yield from map(fitted, detail_lines(history, zone))
    for word in words_about(history, book, now):
        yield fitted(f"  {silence_line(word, now, zone)}")


def detail_lines(history: AlertHistory, zone: tzinfo | None = None) -> Iterator[str]:
    """Yield what the records of an alert say: sentence, evidence, headlines and life-cycle."""
    alert = history.latest
    yield f"  {printable(alert_sentence(alert, zone))}"
    yield (
        f"  evidence {alert.evidence:.1f} (decimal logarithm){', a discovery' * alert.discovery}; "
        f"{alert.stories} stories in {alert.signals} signals of {sources_text(alert)}; onset "
        f"{local_time(alert.onset, zone)}; model {printable(alert.model)}, "
        f"rule {printable(alert.rule)}"
    )
    if alert.members:
        yield f"  members: {printable(', '.join(alert.members))}"
    yield "  headlines, with the probability that they are negative:"
    yield from headline_lines(alert, zone)
    yield "  life-cycle:"
    for change in history.changes:
        then = change.alert
        silenced = f"; silenced ({printable(change.silence)})" if change.silence else ""
        yield (
            f"    {local_time(then.detected_at, zone)}  {then.status:<9} {then.severity:<8} "
            f"evidence {then.evidence:.1f}, {then.volume:.0f} stories{silenced}"
        )


def headline_lines(alert: Alert, zone: tzinfo | None = None) -> Iterator[str]:
    """Yield the headlines of an alert with their probabilities and times."""
    for headline in alert.headlines:
        severity = "" if headline.severity is None else f" {headline.severity:.1f}"
        published = local_time(headline.published, zone)
        yield f"    {headline.negative:4.0%}{severity}  {published}  {printable(headline.text)}"


def words_about(history: AlertHistory, book: SilenceBook, now: datetime) -> list[Silence]:
    """Return what people said about one alert: acknowledgements, and silences of it.

    These are the silences that it bears, and the one that covers it while it is open.
    """
    silences = {change.silence for change in history.changes}
    if history.is_open and (covering := book.covering(history.latest.subject, now)):
        silences.add(covering.id)
    name = history.latest.id
    return [word for word in book.everything() if word.alert == name or word.id in silences]


def silence_line(silence: Silence, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a silence or an acknowledgement in one line: what, who, when, why."""
    what = f"alert {silence.alert} ({silence.subject})" if silence.alert else silence.subject
    if silence.expired_at:
        end = f"ended by {silence.expired_by} {local_time(silence.expired_at, zone)}"
    elif silence.until:
        verb = "until" if silence.is_in_force(now) else "ended"
        end = f"{verb} {local_time(silence.until, zone)}"
    else:
        end = "until it resolves"
    why = f": {silence.why}" if silence.why else ""
    said = f"by {silence.who} {local_time(silence.since, zone)}, {end}{why}"
    return printable(f"{silence.id}  {silence.kind}  {what}  {said}")


def history_json(history: AlertHistory, book: SilenceBook, now: datetime) -> str:
    """Return an alert with its life-cycle and what people said about it, in one line."""
    silence = book.covering(history.latest.subject, now) if history.is_open else None
    document = {
        "id": history.latest.id,
        "open": history.is_open,
        "began": history.began,
        "ended": history.ended,
        "alert": _plain(history.latest),
        "silenced": _plain(silence) if silence else None,
        "words": [_plain(word) for word in words_about(history, book, now)],
        "changes": [
            {
                "status": change.alert.status,
                "severity": change.alert.severity,
                "detected_at": change.alert.detected_at,
                "written": change.written,
                "evidence": change.alert.evidence,
                "volume": change.alert.volume,
                "silence": change.silence,
            }
            for change in history.changes
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_UTC_Z).decode()


def _plain(value: Alert | Silence) -> dict[str, Any]:
    return value.model_dump(mode="json")
