"""``newsquake dlq replay``."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import orjson
import typer

from agents.dead_letters.decide import Fix, Rules
from agents.dead_letters.replay import Replay, Report, carry_out, plan
from agents.dead_letters.selection import Selection
from cli.dlq.arguments import Filters
from cli.dlq.connection import open_workplace, selection_of, source_of
from cli.dlq.letter_meter import LetterMeter
from cli.view.letters import safe_text
from infra.masking import mask
from infra.privacy.personal_data import mask_personal
from infra.progress.meter import Meter
from infra.settings.model import Settings
from infra.terminal import printable
from infra.usage_error import UsageError
from streams.core.dead_letter import SKIPPED

_EXAMPLE_CHARACTERS: Final = 200
_MAX_OBSTACLES: Final = 10
"""Lines that say why letters are left alone: an expression may fail on each in its own words."""


class Order(NamedTuple):
    """The arguments of the command.

    Attributes:
        filters: The options that choose letters.
        limit: The largest number of letters; None for all.
        quarantine_after: Replays after which a letter is left alone.
        expression: Changes the values, in the language of jq; empty to replay them as they are.
        file: Has the new value of the one letter.
        as_json: Print JSON for programs.
    """

    filters: Filters
    limit: int | None
    quarantine_after: int
    expression: str
    file: Path | None
    as_json: bool


def run(settings: Settings, order: Order, *, is_confirmed: bool) -> None:
    """Print what goes back to which agent; write it only if that is confirmed.

    Raises:
        UsageError: There is no bound, or an option can't be used.
        Misconfigured: There is no broker, or no topic.
        Fenced: Another replay has begun meanwhile.
    """
    selection = selection_of(order.filters)
    if selection.since is None and order.limit is None and not selection.addresses:
        raise UsageError("name a bound: --since, --max or --id")
    if order.file and (order.expression or len(selection.addresses) != 1):
        raise UsageError("--fix-file is the value of one letter: name it by --id, without --fix")
    asyncio.run(_replay(settings, order, selection, is_confirmed=is_confirmed))


async def _replay(
    settings: Settings, order: Order, selection: Selection, *, is_confirmed: bool
) -> None:
    fix = _fix(order)
    async with open_workplace(settings, writes=True) as (log, topics, targets):
        rules = Rules(
            targets=targets,
            dead=topics.dead,
            quarantine_after=order.quarantine_after,
            fix=fix,
            is_whole=order.file is not None,
            skipped_too=SKIPPED in selection.reasons or bool(selection.addresses),
        )
        with Meter() as meter:
            letters = LetterMeter(meter, [await log.bounds(source) for source in topics.sources])
            job = Replay(selection, rules, order.limit, source_of(settings), letters.look)
            if is_confirmed:
                report = await carry_out(log, topics, job, letters.note_replayed)
            else:
                report = await plan(log, topics, job)
    if order.as_json:
        document = {
            "done": is_confirmed,
            "replayed": dict(report.replayed),
            "kept": dict(obstacles(report)),
            "more": report.is_bounded,
        }
        typer.echo(orjson.dumps(document).decode())
    else:
        _print(report, is_confirmed=is_confirmed)


def _fix(order: Order) -> Fix | None:
    if order.file:
        value = order.file.read_bytes()
        return lambda _: value
    if not order.expression:
        return None
    from cli.dlq.jq_program import JqProgram

    return JqProgram(order.expression)


def obstacles(report: Report) -> Counter[str]:
    """Return the number of letters that are left alone by why, in words that are safe to print."""
    result = Counter[str]()
    for why, number in report.kept.most_common(_MAX_OBSTACLES):
        result[printable(mask_personal(mask(why)))] += number
    if others := report.kept.total() - result.total():
        result["for other reasons"] = others
    return result


def _print(report: Report, *, is_confirmed: bool) -> None:
    verb = "replayed" if is_confirmed else "would replay"
    if not is_confirmed:
        for letter, message in report.examples:
            value = safe_text(message.value, _EXAMPLE_CHARACTERS, is_raw=False)
            typer.echo(f"{letter.address} -> {message.topic}: {value}")
    for topic, number in sorted(report.replayed.items()):
        typer.echo(f"{verb} {number} to {topic}")
    if not report.replayed:
        typer.echo(f"{verb} none")
    for why, number in obstacles(report).items():
        typer.echo(f"left alone {number}: {why}")
    if report.is_bounded:
        typer.echo("there are more: --max is reached")
    if report.replayed and not is_confirmed:
        typer.echo("add --yes to do so")
