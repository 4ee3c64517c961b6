"""News for a pipeline that shows all its metrics: quiet months, then a storm about a company."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2024, 3, 1, tzinfo=UTC)
COMPANIES = ("ACME", "EMCA", "LOREM", "IPSUM")
QUIET = 140
STORM = 60
LATER = 12 * QUIET + 4
"""Hours after the beginning at which nothing is late."""
BAD, COPIES = 5, 3
ARTICLES = len(COMPANIES) * QUIET + STORM + 2
PLACES = ["Porto", "Lyon", "Turin", "Graz", "Bern", "Ghent", "Cork", "Oslo", "Riga", "Brno"]
TROUBLES = (
    "faces bankruptcy", "is sued for fraud", "cuts its forecast", "closes a plant after losses",
    "misses estimates", "defaults on a bond", "recalls cars after a crash", "slumps on weak sales",
)  # fmt: skip


def news(hours: float, company: str, headline: str) -> dict[str, Any]:
    """Return an article as a producer sends it."""
    published = START + timedelta(hours=hours)
    return {
        "id": f"{company}-{hours}-{headline}", "source": "wire", "headline": headline,
        "published": published.isoformat(), "tickers": [company],
    }  # fmt: skip


def quiet() -> Iterator[dict[str, Any]]:
    """Yield seventy days of four companies."""
    for n in range(QUIET):
        for number, company in enumerate(COMPANIES):
            place = PLACES[(n * 7 + number) % len(PLACES)]
            yield news(12 * n + number, company, f"{company} opens office {n * 13} in {place}")


def storm() -> Iterator[dict[str, Any]]:
    """Yield an hour of bad news about one company, and what ends the hour."""
    for n in range(STORM):
        what, place = TROUBLES[n % len(TROUBLES)], PLACES[n * 3 % len(PLACES)]
        yield news(12 * QUIET + n / 60, "ACME", f"ACME {what} in {place}, {n * n + 7} jobs, {n**3}")
    yield news(12 * QUIET + 2, "EMCA", "EMCA names a chairman")
    yield news(12 * QUIET + 3, "LOREM", "Изменение ставки центрального банка России")


def encode(article: dict[str, Any]) -> bytes:
    """Return an article as the value of a record."""
    return json.dumps(article).encode()


def write(path: Path) -> Path:
    """Write all articles, some copies, and rows that are no news."""
    rows = [*quiet(), *storm()]
    bad = [{"headline": "no time", "id": f"bad{number}"} for number in range(BAD)]
    lines = [json.dumps(row) for row in [*rows, *rows[:COPIES], *bad]]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
