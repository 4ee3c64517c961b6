"""``newsquake dlq purge``."""

import asyncio
from typing import NamedTuple

import typer

from agents.dead_letters.purge import PurgePlan, forgotten_replay_records, plan_purge
from agents.dead_letters.replay import commit_all, open_session
from agents.dead_letters.replay_records import read_replay_records
from cli.dlq.arguments import milliseconds_of, now_seconds
from cli.dlq.connection import Workplace, open_workplace
from cli.dlq.letter_meter import LetterMeter
from cli.view.letters import letter_line
from infra.progress.meter import Meter
from infra.settings.model import Settings
from streams.kafka.topics import delete_before


class Order(NamedTuple):
    """The arguments of the command.

    Attributes:
        before: Letters set aside before then are deleted.
        with_waiting: Whether letters that nobody replayed are deleted too.
        quarantine_after: Replays after which a letter counts as quarantined.
    """

    before: str
    with_waiting: bool
    quarantine_after: int


def run(settings: Settings, order: Order, *, is_confirmed: bool) -> None:
    """Print what is deleted; delete it only if that is confirmed.

    Raises:
        UsageError: The time can't be read.
        Misconfigured: There is no broker or no topic, or the user may not delete.
        Fenced: A replay has begun meanwhile.
    """
    before = milliseconds_of("--before", order.before, now_seconds())
    asyncio.run(_purge(settings, order, before, is_confirmed=is_confirmed))


async def _purge(settings: Settings, order: Order, before: int, *, is_confirmed: bool) -> None:
    async with open_workplace(settings, writes=False) as workplace:
        if not is_confirmed:
            _print(await _plan(workplace, order, before), is_confirmed=False)
            return
        log, topics, _ = workplace
        session = await open_session(log, topics)
        try:
            result = await _plan(workplace, order, before)
            if result.ends:
                await delete_before(settings.kafka, result.ends)
            replayed = await read_replay_records(log, topics.replays)
            if tombstones := await forgotten_replay_records(log, topics, replayed):
                await commit_all(session, tombstones, 1)
        finally:
            await session.close()
    _print(result, is_confirmed=True)


async def _plan(workplace: Workplace, order: Order, before: int) -> PurgePlan:
    log, topics, _ = workplace
    with Meter() as meter:
        progress = LetterMeter(meter, [await log.bounds(source) for source in topics.sources])
        return await plan_purge(
            log,
            topics,
            before,
            with_waiting=order.with_waiting,
            quarantine_after=order.quarantine_after,
            look=progress.look,
        )


def _print(result: PurgePlan, *, is_confirmed: bool) -> None:
    verb = "deleted" if is_confirmed else "would delete"
    for state, number in sorted(result.states.items()):
        typer.echo(f"{verb} {number} {state}")
    if not result.states:
        typer.echo(f"{verb} none")
    for letter in result.obstacles:
        typer.echo(f"stops at {letter_line(letter, 'not replayed')}")
    if result.obstacles:
        typer.echo("--waiting deletes those too")
    if result.states and not is_confirmed:
        typer.echo("add --yes to do so; what is deleted can't be brought back")
