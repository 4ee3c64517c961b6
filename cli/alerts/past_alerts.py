"""``newsquake alerts list`` and ``newsquake alerts show``."""

import asyncio
from datetime import UTC, datetime

import typer

from agents.silencing.silence_book import SilenceBook
from agents.telling.alert_filter import AlertFilter
from agents.telling.alert_history import AlertHistory, past_alerts, with_id
from cli.command_setup import quiet
from cli.io.topic_scan import scan_topic
from cli.view.alerts import history_json, history_line, history_text
from infra.silencing.silences import read_silences
from infra.usage_error import UsageError
from schemas.channels import ALERTS
from streams.kafka.cluster import Cluster


def list_alerts(cluster: Cluster, wanted: AlertFilter, *, as_json: bool) -> None:
    """Print a line for each alert that is asked for, oldest first.

    Raises:
        Misconfigured: There is no broker, or a topic is missing.
    """
    quiet()
    histories, book = asyncio.run(read_alerts(cluster))
    now = datetime.now(UTC)
    chosen = [history for history in histories if wanted.takes_history(history)]
    for history in chosen:
        line = history_json if as_json else history_line
        typer.echo(line(history, book, now))
    if not chosen and not as_json:
        typer.echo(f"no such alert; there are {len(histories)} in all", err=True)


def show_alert(cluster: Cluster, name: str, *, as_json: bool) -> None:
    """Print all about one alert.

    Raises:
        UsageError: There is no such alert, or several.
        Misconfigured: There is no broker, or a topic is missing.
    """
    quiet()
    histories, book = asyncio.run(read_alerts(cluster))
    history, now = the_one(histories, name), datetime.now(UTC)
    if as_json:
        typer.echo(history_json(history, book, now))
        return
    for line in history_text(history, book, now):
        typer.echo(line)


def the_one(histories: list[AlertHistory], name: str) -> AlertHistory:
    """Return the alert with an id that begins with ``name``, or the open one of that subject.

    Raises:
        UsageError: There is no such alert, or several.
    """
    chosen = with_id(histories, name) if name else []
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        names = ", ".join(history.latest.id for history in chosen)
        raise UsageError(f"{name!r} may be any of {names}: write more of the id")
    opened = [
        f"{history.latest.id} ({history.latest.subject})"
        for history in histories
        if history.is_open
    ]
    listed = f"open are {', '.join(opened)}" if opened else "none is open"
    raise UsageError(f"no alert {name!r}: {listed}; `newsquake alerts list` has all")


async def read_alerts(cluster: Cluster) -> tuple[list[AlertHistory], SilenceBook]:
    """Return all alerts that are kept, and what people said.

    Raises:
        Misconfigured: There is no broker, or a topic is missing.
    """
    book = await read_silences(cluster)
    return await read_histories(cluster), book


async def read_histories(cluster: Cluster) -> list[AlertHistory]:
    """Return all alerts that are kept; tell of records that are no alerts.

    Raises:
        Misconfigured: There is no broker, or a topic is missing.
    """
    topic = cluster.topic(ALERTS.topic)
    records = [record async for record in scan_topic(cluster, topic)]
    histories, unreadable = past_alerts(records)
    if unreadable:
        typer.echo(f"newsquake: {unreadable} records of {topic} are no alerts", err=True)
    return histories
