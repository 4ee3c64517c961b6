"""Records as lines, for people and for programs."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

import orjson
import typer

from agents.silencing.silence_book import silencing_id
from agents.telling.alert_sentence import alert_sentence, local_time
from cli.view.alerts import silence_line
from infra.terminal import alert_summary, fitted, printable, sources_text
from schemas.alert import Alert
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from schemas.silence import Silence
from streams.core.record import Record


def value_json(record: Record) -> str:
    """Return the record's value unchanged: what Newsquake writes is one line of JSON."""
    return (record.value or b"null").decode("utf-8", "replace").replace("\n", " ")


def alert_json(record: Record) -> str:
    """Return an alert's value, with the id of the silence if it was silenced when written."""
    text, silence = value_json(record), silencing_id(record.headers)
    if silence is None or not text.endswith("}"):
        return text
    return f'{text[:-1]},"silenced":{orjson.dumps(silence).decode()}}}'


def alert_line(record: Record, zone: tzinfo | None = None) -> str:
    """Return an alert with its id, a sentence, its numbers and headlines, coloured on a terminal.

    Times are those of ``zone``, or else of this machine.
    """
    try:
        alert = Alert.from_bytes(record.value)
    except Refusal as error:
        return _unreadable(record, error)

    status = f"{alert.status:<9} {alert.severity:<8}"
    silenced = f"  silenced ({printable(name)})" if (name := silencing_id(record.headers)) else ""
    name, subject = printable(alert.id), printable(alert.subject)
    first = fitted(f"{local_time(alert.detected_at, zone)} {status} {subject}  {name}{silenced}")
    if sys.stdout.isatty():
        colour = typer.colors.GREEN if alert.status == "resolved" else typer.colors.RED
        first = first.replace(status, typer.style(status, fg=colour, bold=True), 1)
    return "\n".join([first, *map(fitted, alert_details(alert, zone))])


def alert_details(alert: Alert, zone: tzinfo | None = None) -> Iterator[str]:
    """Yield the lines under an alert: a sentence, the numbers, headlines and members."""
    yield f"    {printable(alert_sentence(alert, zone))}"
    yield (
        f"    {alert_summary(alert)}; evidence {alert.evidence:.1f}"
        f"{', a discovery' * alert.discovery}, {sources_text(alert)}, "
        f"since {local_time(alert.onset, zone)}"
    )
    for headline in alert.headlines:
        severity = severity_text(headline.severity)
        yield f"    {headline.negative:4.0%}{severity}  {printable(headline.text)}"
    if alert.members:
        yield f"    {printable(', '.join(alert.members))}"


def silence_record_line(record: Record) -> str:
    """Return a silence or an acknowledgement, as it was said or as it ended."""
    try:
        silence = Silence.from_event(record.value, record.headers)
    except Refusal as error:
        return _unreadable(record, error)
    return silence_line(silence, datetime.now(UTC))


def scored_line(record: Record, zone: tzinfo | None = None) -> str:
    """Return an article with its negative probability, its subjects, and an unusual language."""
    try:
        scored = ScoredArticle.from_bytes(record.value)
    except Refusal as error:
        return _unreadable(record, error)
    article, subjects = scored.article, ",".join(scored.subjects)
    negative = " ---" if scored.unread else f"{scored.sentiment.negative:4.0%}"
    language = f"  ({scored.language}{', unread' * scored.unread})" if scored.language else ""
    numbers = f"{negative}{severity_text(scored.severity)}"
    text = f"{numbers}  {article.headline}  [{subjects}]{language}"
    return f"{local_time(article.published, zone)} {printable(text)}"


def signal_line(record: Record, zone: tzinfo | None = None) -> str:
    """Return a signal: the negative probability, the severity, the subject and the headline."""
    try:
        signal = Signal.from_bytes(record.value)
    except Refusal as error:
        return _unreadable(record, error)
    numbers = f"{signal.negative:4.0%}{severity_text(signal.severity)}"
    text = f"{numbers}  {signal.subject}  {signal.headline}"
    return f"{local_time(signal.published, zone)} {printable(text)}"


def severity_text(severity: float | None) -> str:
    """Return a severity, where the model says one."""
    return "" if severity is None else f" {severity:.1f}"


def _unreadable(record: Record, error: Refusal) -> str:
    return printable(f"{record.topic}/{record.partition}@{record.offset} unreadable: {error}")
