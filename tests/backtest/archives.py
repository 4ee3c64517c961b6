"""Archives for the tests of the backtest: headlines and numbers, calm or with a storm."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from typer.testing import Result

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def lines(result: Result) -> list[dict[str, Any]]:
    """Return the lines of standard output, parsed as JSON."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def headlines(storm: bool) -> Iterable[dict[str, str]]:
    """Yield sixty days of calm news about one company, then a day of bad news in a ``storm``."""
    for number in range(240):
        at = BEGIN + timedelta(hours=6 * number, minutes=number % 50)
        text = f"Acme opens office number {number} in town {number * 7 % 240}"
        yield {"title": text, "published": at.isoformat(), "ticker": "ACME"}
    for number in range(60 if storm else 0):
        at = BEGIN + timedelta(days=60, minutes=10 * number)
        text = f"Fraud {number} and bankruptcy {number * 7} losses shock investor {number * 13}"
        yield {"title": text, "published": at.isoformat(), "ticker": "ACME"}


def written(path: Path, *, storm: bool = True) -> Path:
    """Write headlines as JSONL to ``path``, and return it."""
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in headlines(storm=storm)))
    return path


def counts(storm: bool) -> Iterable[str]:
    """Yield a CSV of ten days of five-minute counts, with half a day of ten times more."""
    yield "timestamp,value"
    for number in range(3_000):
        at = BEGIN + timedelta(minutes=5 * number)
        ordinary = 40 + (number * 7919) % 23
        in_storm = storm and 2_400 <= number < 2_550
        yield f"{at:%Y-%m-%d %H:%M:%S},{ordinary * (10 if in_storm else 1)}"
