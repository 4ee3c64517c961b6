"""``newsquake silence`` and ``newsquake ack``."""

import asyncio
import getpass
from collections.abc import Collection
from datetime import UTC, datetime
from typing import NamedTuple

import typer

from agents.silencing.known_subjects import matching, nearest, remembered_subjects, subjects_of
from agents.silencing.silence_message import acknowledge, expired, new_silence
from cli.alerts.moments import duration
from cli.alerts.past_alerts import read_alerts, the_one
from cli.command_setup import quiet
from cli.io.silences import read_silences, write_silence
from cli.io.topic_scan import scan_topic
from cli.view.alerts import silence_line
from infra.settings.model import Settings
from infra.usage_error import UsageError
from nlp.companies.finder import listed_companies
from nlp.tasks import TOPICS
from schemas.channels import STATE_DETECT
from schemas.silence import Silence
from streams.kafka.cluster import Cluster

_MAX_SHOWN = 5


class Word(NamedTuple):
    """What a person says.

    Attributes:
        who: The person; empty for the user of this machine.
        why: The reason.
    """

    who: str
    why: str

    @property
    def name(self) -> str:
        """The person's name.

        Raises:
            UsageError: The user of this machine has no name.
        """
        try:
            return self.who or getpass.getuser()
        except (KeyError, OSError):
            raise UsageError("this user has no name: say who you are with --who") from None


def silence(settings: Settings, subject: str, length: str, word: Word) -> None:
    """Silence a subject, or all that a pattern covers, and say until when.

    Raises:
        UsageError: There is no such subject, or the length is no duration.
        Misconfigured: There is no broker, or a topic is missing.
    """
    quiet()
    lasting = duration(length, "--for")
    covered = asyncio.run(_covered(settings, subject))
    now = datetime.now(UTC)
    silenced = new_silence(subject, lasting, who=word.name, why=word.why, now=now)
    asyncio.run(write_silence(settings.kafka, silenced))
    if covered != [subject]:
        rest = f" and {len(covered) - _MAX_SHOWN} more" if len(covered) > _MAX_SHOWN else ""
        typer.echo(f"covers {', '.join(covered[:_MAX_SHOWN])}{rest}", err=True)
    typer.echo(silence_line(silenced, now))


async def _covered(settings: Settings, subject: str) -> list[str]:
    """Return the subjects that exist and that ``subject`` covers.

    The detector's memory is only read for a subject that is in no list.
    """
    subjects = subjects_of(
        (company.ticker for company in listed_companies(settings.companies)), TOPICS
    )
    if covered := matching(subject, subjects):
        return covered
    topic = settings.kafka.topic(STATE_DETECT.topic)
    subjects.update(
        remembered_subjects([record.key async for record in scan_topic(settings.kafka, topic)])
    )
    if covered := matching(subject, subjects):
        return covered
    raise unknown_subject(subject, subjects)


def unknown_subject(subject: str, subjects: Collection[str]) -> UsageError:
    """Return the error about a subject that does not exist, with those that were meant."""
    meant = nearest(subject, subjects)
    remedy = (
        f"did you mean {', '.join(meant)}?"
        if meant
        else "write company:TICKER, topic:NAME or market:all, or a pattern such as company:AC*"
    )
    return UsageError(f"no subject {subject!r}, so nothing would be silenced: {remedy}")


def ack(settings: Settings, alert: str, word: Word) -> None:
    """Say that somebody takes care of an alert.

    Raises:
        UsageError: There is no such alert, or it is over.
        Misconfigured: There is no broker, or a topic is missing.
    """
    quiet()
    histories, _ = asyncio.run(read_alerts(settings.kafka))
    history, now = the_one(histories, alert), datetime.now(UTC)
    if not history.is_open:
        raise UsageError(f"alert {history.latest.id} is over: it resolved by itself")
    said = acknowledge(history.latest, who=word.name, why=word.why, now=now)
    asyncio.run(write_silence(settings.kafka, said))
    typer.echo(silence_line(said, now))


def list_silences(cluster: Cluster, *, with_ended: bool, as_json: bool) -> None:
    """Print a line for each silence and acknowledgement that holds, or for all.

    Raises:
        Misconfigured: There is no broker, or a topic is missing.
    """
    quiet()
    now = datetime.now(UTC)
    for said in asyncio.run(_said(cluster, None if with_ended else now)):
        typer.echo(said.to_bytes().decode() if as_json else silence_line(said, now))


async def _said(cluster: Cluster, now: datetime | None) -> list[Silence]:
    """Return all that was said, or what holds at ``now``: of an alert that is open."""
    book = await read_silences(cluster)
    if now is None:
        return book.everything()
    held = book.in_force(now)
    if not any(said.alert for said in held):
        return held
    histories, _ = await read_alerts(cluster)
    opened = {history.latest.id for history in histories if history.is_open}
    return [said for said in held if said.alert is None or said.alert in opened]


def expire(cluster: Cluster, name: str, who: str) -> None:
    """End a silence or an acknowledgement early.

    Raises:
        UsageError: None that holds has this id, or several have.
        Misconfigured: There is no broker, or a topic is missing.
    """
    quiet()
    book, now = asyncio.run(read_silences(cluster)), datetime.now(UTC)
    held = [said for said in book.named(name) if said.is_in_force(now)]
    if len(held) != 1:
        others = [f"{said.id} ({said.subject})" for said in held or book.in_force(now)]
        listed = ", ".join(others) or "none"
        raise UsageError(f"no single silence {name!r} holds: name one of {listed}")
    ended = expired(held[0], who=Word(who, "").name, now=now)
    asyncio.run(write_silence(cluster, ended))
    typer.echo(silence_line(ended, now))
