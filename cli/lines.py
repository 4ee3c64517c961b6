"""Records as lines, for people and for programs."""

import sys

import typer

from schemas.alert import Alert
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.record import Record


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
    first = f"{when} {_coloured(status, colour)}  {observed(alert)}{_carried(alert)}"
    told = [f"    {it.negative:4.0%}  {printable(it.text)}" for it in alert.headlines]
    members = [f"    {printable(', '.join(alert.members))}"] if alert.members else []
    return "\n".join([first, *told, *members])


def observed(alert: Alert) -> str:
    """What was seen since the onset, next to what was to be expected."""
    return (
        f"{alert.volume:.0f} stories, usually {alert.expected_volume:.1f}; "
        f"{alert.negative_share:.0%} negative, usually {alert.expected_share:.0%}"
    )


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


def printable(text: str) -> str:
    """``text`` without what could steer a terminal or break the line."""
    return "".join(it if it.isprintable() else "�" for it in text)


def _coloured(text: str, colour: str) -> str:
    return typer.style(text, fg=colour, bold=True) if sys.stdout.isatty() else text


def _unreadable(record: Record, error: Refusal) -> str:
    return printable(f"{record.topic}/{record.partition}@{record.offset} unreadable: {error}")
