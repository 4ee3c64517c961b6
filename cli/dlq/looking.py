"""``newsquake dlq list``, ``show`` and ``stats``."""

import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import typer

from agents.dead_letters.letters import Address, Letter, State, read_letters
from agents.dead_letters.replay_records import read_replay_records
from cli.dlq.arguments import Filters
from cli.dlq.connection import open_workplace, selection_of, source_of
from cli.dlq.letter_meter import LetterMeter
from cli.view.letters import letter_document, letter_line, letter_text, time_text
from infra.progress.meter import Meter
from infra.settings.model import Settings
from infra.usage_error import UsageError
from streams.core.errors import Misconfigured

_LIST_CHARACTERS: Final = 400


class Look(NamedTuple):
    """The arguments of ``list`` and ``stats``.

    Attributes:
        filters: The options that choose letters.
        quarantine_after: Replays after which a letter counts as quarantined.
        as_json: Print JSON for programs.
        states: Only letters in these states; all if it is empty.
        limit: The largest number of letters; None for all.
    """

    filters: Filters
    quarantine_after: int
    as_json: bool
    states: frozenset[str] = frozenset()
    limit: int | None = None


class Show(NamedTuple):
    """The arguments of ``show``.

    Attributes:
        address: The letter, as PARTITION@OFFSET.
        characters: The length of texts after which they are cut.
        is_raw: Do not mask.
        as_json: Print JSON for programs.
        file: Also write the bytes to this file.
    """

    address: str
    characters: int
    is_raw: bool
    as_json: bool
    file: Path | None


async def _chosen(
    settings: Settings, look: Look, *, has_meter: bool = True
) -> AsyncIterator[tuple[Letter, State]]:
    """Yield the letters that are chosen, and their states; show how many were looked at."""
    selection, source = selection_of(look.filters), source_of(settings)
    async with open_workplace(settings, writes=False) as (log, topics, _):
        replayed, number = await read_replay_records(log, topics.replays), 0
        with Meter(is_shown=has_meter) as meter:
            progress = LetterMeter(meter, [await log.bounds(place) for place in topics.sources])
            for partition in topics.sources:
                async for letter in read_letters(log, partition):
                    progress.look(letter)
                    state = letter.state(replayed, look.quarantine_after)
                    if look.states and state not in look.states:
                        continue
                    if not selection.includes(letter, source):
                        continue
                    number += 1
                    if look.limit is not None and number > look.limit:
                        typer.echo(f"newsquake: only the first {look.limit}: --max", err=True)
                        return
                    yield letter, state


async def print_list(settings: Settings, look: Look) -> None:
    """Print a line for each letter that is chosen, the oldest of a partition first.

    Raises:
        UsageError: An option can't be read.
        Misconfigured: There is no broker, or no topic.
    """
    # Letters that scroll by on a terminal say themselves how far the command is.
    async for letter, state in _chosen(settings, look, has_meter=not sys.stdout.isatty()):
        if look.as_json:
            document = letter_document(letter, state, _LIST_CHARACTERS, is_raw=False)
            line = orjson.dumps(document).decode()
        else:
            line = letter_line(letter, state)
        sys.stdout.buffer.write(f"{line}\n".encode("utf-8", "replace"))
        sys.stdout.buffer.flush()


async def print_stats(settings: Settings, look: Look) -> None:
    """Print how many of the chosen letters there are by agent, reason and state.

    Raises:
        UsageError: An option can't be read.
        Misconfigured: There is no broker, or no topic.
    """
    counts: dict[tuple[str, str], Counter[str]] = {}
    times: dict[tuple[str, str], tuple[int, int]] = {}
    async for letter, state in _chosen(settings, look):
        kind = letter.reason.stage or "unknown", letter.reason.reason
        counts.setdefault(kind, Counter())[state] += 1
        moment = letter.record.timestamp
        oldest, newest = times.get(kind, (moment, moment))
        times[kind] = min(oldest, moment), max(newest, moment)
    rows: list[dict[str, Any]] = [
        {
            "agent": agent,
            "reason": reason,
            **{state: states[state] for state in ("waiting", "replayed", "quarantined")},
            "oldest": time_text(times[agent, reason][0]),
            "newest": time_text(times[agent, reason][1]),
        }
        for (agent, reason), states in sorted(counts.items())
    ]
    if look.as_json:
        typer.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        typer.echo(
            "{agent} {reason}: {waiting} waiting, {replayed} replayed, {quarantined} quarantined; "
            "from {oldest} to {newest}".format(**row)
        )
    if not rows:
        typer.echo("no dead letters", err=True)


async def print_letter(settings: Settings, show: Show) -> None:
    """Print one letter, and write its bytes to a file if one is named.

    Raises:
        UsageError: The address can't be read.
        Misconfigured: There is no such letter, or no broker.
    """
    address = Address.parse(show.address)
    if address is None:
        raise UsageError(f"{show.address!r} is no letter: write PARTITION@OFFSET, such as 3@41")
    async with open_workplace(settings, writes=False) as (log, topics, _):
        record = None
        if address.partition < topics.partitions:
            source = topics.sources[address.partition]
            record = (await log.read_at(source, [address.offset])).get(address.offset)
        if record is None:
            raise Misconfigured(f"no dead letter {address}: `newsquake dlq list` shows which are")
        letter = Letter.of(record)
        state = letter.state(await read_replay_records(log, topics.replays))
    if show.file:
        show.file.write_bytes(record.value or b"")
    if show.as_json:
        document = letter_document(letter, state, show.characters, is_raw=show.is_raw)
        typer.echo(orjson.dumps(document).decode())
    else:
        typer.echo(letter_text(letter, state, show.characters, is_raw=show.is_raw))
