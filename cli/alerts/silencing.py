"""``newsquake silence`` and ``newsquake ack``."""

import asyncio
import getpass
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import typer

from agents.silencing.known_subjects import listed_subjects, matching, nearest, remembered_subjects
from agents.silencing.silence_book import SilenceBook
from agents.silencing.silence_message import acknowledge, expired, new_silence
from cli.alerts.past_alerts import read_histories, the_one
from cli.command_setup import quiet
from cli.io.moments import duration
from cli.io.topic_scan import scan_topic
from cli.view.alerts import silence_line
from infra.settings.model import Settings
from infra.silencing.silences import read_silences, write_silence
from infra.terminal import fitted
from infra.usage_error import UsageError
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
    typer.echo(fitted(silence_line(silenced, now)))


async def _covered(settings: Settings, subject: str) -> list[str]:
    """Return the subjects that exist and that ``subject`` covers.

    The detector's memory is only read for a subject that is in no list.
    """
    subjects = listed_subjects(settings.companies)
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
    histories = asyncio.run(read_histories(settings.kafka))
    history, now = the_one(histories, alert), datetime.now(UTC)
    if not history.is_open:
        raise UsageError(f"alert {history.latest.id} is over: it resolved by itself")
    said = acknowledge(history.latest, who=word.name, why=word.why, now=now)
    asyncio.run(write_silence(settings.kafka, said))
    typer.echo(fitted(silence_line(said, now)))


def list_silences(cluster: Cluster, *, with_ended: bool, as_json: bool) -> None:
    """Print a line for each silence and acknowledgement that holds, or for all.

    Raises:
        Misconfigured: There is no broker, or a topic is missing.
    """
    quiet()
    now = datetime.now(UTC)
    listed = asyncio.run(_listed(cluster, now, with_ended=with_ended))
    for said in listed:
        typer.echo(said.to_bytes().decode() if as_json else fitted(silence_line(said, now)))
    if not listed and not as_json:
        typer.echo("nothing is silenced, and no open alert is acknowledged", err=True)


async def _listed(cluster: Cluster, now: datetime, *, with_ended: bool) -> list[Silence]:
    book = await read_silences(cluster)
    return book.everything() if with_ended else await holding(cluster, book, now)


async def holding(cluster: Cluster, book: SilenceBook, now: datetime) -> list[Silence]:
    """Return what holds at ``now``: silences, and acknowledgements of alerts that are open.

    Raises:
        Misconfigured: There is no broker, or a topic is missing.
    """
    held = book.in_force(now)
    if not any(said.alert for said in held):
        return held
    histories = await read_histories(cluster)
    opened = {history.latest.id for history in histories if history.is_open}
    return [said for said in held if said.alert is None or said.alert in opened]


def expire(cluster: Cluster, name: str, who: str) -> None:
    """End a silence or an acknowledgement early, and say which silence still covers the subject.

    Raises:
        UsageError: Nothing that holds has this id or subject, or several have.
        Misconfigured: There is no broker, or a topic is missing.
    """
    quiet()
    asyncio.run(_expire(cluster, name, Word(who, "").name, datetime.now(UTC)))


async def _expire(cluster: Cluster, name: str, who: str, now: datetime) -> None:
    book = await read_silences(cluster)
    ended = expired(the_one_said(await holding(cluster, book, now), name), who=who, now=now)
    await write_silence(cluster, ended)
    typer.echo(fitted(silence_line(ended, now)))
    book.note(ended.id, ended)
    if other := book.covering(ended.subject, now):
        typer.echo(f"{ended.subject} is still silenced: {silence_line(other, now)}", err=True)


def the_one_said(held: Sequence[Silence], name: str) -> Silence:
    """Return the silence or acknowledgement with an id that begins with ``name``.

    A silence can also be named by its subject.

    Raises:
        UsageError: There is none, or several.
    """
    named = [said for said in held if name and said.id.startswith(name)]
    named = named or [said for said in held if said.kind == "silence" and said.subject == name]
    if len(named) == 1:
        return named[0]
    others = ", ".join(f"{said.id} ({said.kind} of {said.subject})" for said in named or held)
    if named:
        raise UsageError(f"{name!r} may be any of {others}: name one by its id")
    listed = f"those that hold are {others}" if others else "none holds"
    raise UsageError(f"no silence or acknowledgement {name!r}: {listed}")
