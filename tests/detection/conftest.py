"""Streams of signals for the detector's tests."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from schemas.signal import Signal

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

Phase = tuple[int, float, float]
"""Number of signals, minutes between them, negative probability."""
Streaming = Callable[..., list[Signal]]


def news(
    subject: str, key: int, published: datetime, negative: float = 0.3, story: int = 0
) -> Signal:
    """Return one headline, of a story of its own unless ``story`` is given."""
    return Signal(
        subject=subject,
        key=f"k{key:06}",
        published=published,
        negative=negative,
        neutral=1.0 - negative,
        positive=0.0,
        headline=f"Headline {key}",
        source=f"wire {key % 5}",
        model="m",
        story=story or Random(key).getrandbits(64) | 1,
    )


def stream(phases: Iterable[Phase], subject: str = "company:ACME") -> list[Signal]:
    """Return the signals of consecutive phases."""
    signals: list[Signal] = []
    minutes = 0.0
    for count, gap, negative in phases:
        for _ in range(count):
            minutes += gap
            signals.append(
                Signal(
                    subject=subject,
                    key=f"{len(signals):032x}",
                    published=START + timedelta(minutes=minutes),
                    negative=negative,
                    neutral=1.0 - negative,
                    positive=0.0,
                    headline=f"Acme headline number {len(signals)}",
                    source="test",
                    model="fake-1",
                )
            )
    return signals


@pytest.fixture
def streaming() -> Streaming:
    """Return `stream`, for tests that build their own phases."""
    return stream
