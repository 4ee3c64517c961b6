"""Seeded input: opaque messages for one stage, and articles for all agents."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson

KEY_BYTES = 16
VALUE_BYTES = 300
COMPANIES = tuple(f"C{number:02}" for number in range(50))

_START = datetime(2024, 1, 1, tzinfo=UTC)
_WORDS = ("profit", "warning", "shares", "guidance", "merger", "lawsuit", "record", "quarter")


class Input(NamedTuple):
    """The key and the value of a record."""

    key: bytes
    value: bytes


def messages(count: int, seed: int = 1) -> Iterator[Input]:
    """Yield incompressible values of 300 bytes with random keys of 16 bytes."""
    dice = random.Random(seed)
    for _ in range(count):
        yield Input(dice.randbytes(KEY_BYTES), dice.randbytes(VALUE_BYTES))


def articles(count: int, seed: int = 1) -> Iterator[Input]:
    """Yield articles as JSON of about 300 bytes, a second apart, each about one of 50 companies."""
    dice = random.Random(seed)
    for number in range(count):
        yield article(f"{seed}-{number}", _START + timedelta(seconds=number), dice)


def article(name: str, published: datetime, dice: random.Random) -> Input:
    """Return an article with the id ``name``."""
    company = dice.choice(COMPANIES)
    body = {
        "id": name,
        "source": "bench",
        "headline": f"{company}: {' '.join(dice.choices(_WORDS, k=7))}",
        "summary": " ".join(dice.choices(_WORDS, k=16)),
        "url": f"https://bench.example/{name}",
        "published": published.isoformat(),
        "companies": [company],
    }
    return Input(name.encode(), orjson.dumps(body))
