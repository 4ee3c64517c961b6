"""Records as lines, for people and for programs."""

import sys

import typer

from infra.terminal import alert_summary, printable
from schemas.alert import Alert
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.record import Record


def value_json(record: Record) -> str:
    """The record's value as it is: what we write is one line of JSON."""
    return (record.value or b"null").decode("utf-8", "replace").replace("\n", " ")


def alert_line(record: Record) -> str:
    """An alert and its headlines, coloured on a terminal."""
    try:
        alert = Alert.from_bytes(record.value)
    except Refusal as error:
        return _unreadable(record, error)
    when = f"{alert.detected_at:%Y-%m-%d %H:%M}"
    colour = typer.colors.GREEN if alert.status == "resolved" else typer.colors.RED
    status = f"{alert.status:<9} {alert.severity:<8} {printable(alert.subject)}"
    first = f"{when} {_coloured(status, colour)}  {alert_summary(alert)}{_carried(alert)}"
    told = [f"    {it.negative:4.0%}  {printable(it.text)}" for it in alert.headlines]
    members = [f"    {printable(', '.join(alert.members))}"] if alert.members else []
    return "\n".join([first, *told, *members])


def _carried(alert: Alert) -> str:
    return (
        f"; evidence {alert.evidence:.1f}{', a discovery' * alert.discovery}, "
        f"{alert.sources} sources, "
        f"since {alert.onset:%Y-%m-%d %H:%M}"
    )


def scored_line(record: Record) -> str:
    """An article and how negative it is."""
    try:
        scored = ScoredArticle.from_bytes(record.value)
    except Refusal as error:
        return _unreadable(record, error)
    article, subjects = scored.article, ",".join(scored.subjects)
    text = f"{scored.sentiment.negative:4.0%}  {article.headline}  [{subjects}]"
    return f"{article.published:%Y-%m-%d %H:%M} {printable(text)}"


def signal_line(record: Record) -> str:
    """A subject, and how negative one article about it is."""
    try:
        signal = Signal.from_bytes(record.value)
    except Refusal as error:
        return _unreadable(record, error)
    text = f"{signal.negative:4.0%}  {signal.subject}  {signal.headline}"
    return f"{signal.published:%Y-%m-%d %H:%M} {printable(text)}"


def _coloured(text: str, colour: str) -> str:
    return typer.style(text, fg=colour, bold=True) if sys.stdout.isatty() else text


def _unreadable(record: Record, error: Refusal) -> str:
    return printable(f"{record.topic}/{record.partition}@{record.offset} unreadable: {error}")
