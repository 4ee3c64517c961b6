"""Options that choose dead letters, and what they mean."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, NamedTuple

import typer

from cli.io.moments import moment

_MILLISECONDS: Final = 1_000

Reasons = Annotated[
    list[str] | None, typer.Option("--reason", help="A reason code, such as invalid.")
]
Agents = Annotated[list[str] | None, typer.Option("--agent", help="The agent that set it aside.")]
Sources = Annotated[list[str] | None, typer.Option("--source", help="The article's source.")]
Keys = Annotated[
    list[str] | None, typer.Option("--key", help="The record's key, or the idempotency key.")
]
Ids = Annotated[list[str] | None, typer.Option("--id", help="The letter, as PARTITION@OFFSET.")]
Since = Annotated[
    str | None, typer.Option(help="Set aside since then: 2h, 7d, or a date or time in UTC.")
]
Until = Annotated[str | None, typer.Option(help="Set aside before then, in the same form.")]
Quarantine = Annotated[
    int,
    typer.Option(
        "--quarantine-after", min=1, help="Leave alone what failed after so many replays."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


class Filters(NamedTuple):
    """The options as they were given."""

    reasons: Sequence[str] | None = None
    agents: Sequence[str] | None = None
    sources: Sequence[str] | None = None
    keys: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    since: str | None = None
    until: str | None = None


def milliseconds_of(option: str, text: str, now: float) -> int:
    """Return the time that ``text`` means, in milliseconds since the epoch.

    Raises:
        UsageError: It is neither a duration nor a time.

    >>> milliseconds_of("--since", "1h", 7_200.0)
    3600000
    >>> milliseconds_of("--since", "1970-01-02", 0.0)
    86400000
    """
    then = moment(text, option, datetime.fromtimestamp(now, UTC), UTC)
    return round(then.timestamp() * _MILLISECONDS)


def now_seconds() -> float:
    """Return the wall clock, by which durations are meant."""
    return time.time()
