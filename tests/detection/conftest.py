"""Streams of signals for the detector's tests."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from schemas.signal import Signal

START = datetime(2024, 1, 1, tzinfo=UTC)
Phase = tuple[int, float, float]
Streaming = Callable[..., list[Signal]]


def stream(phases: Iterable[Phase], subject: str = "company:ACME") -> list[Signal]:
    """Signals in phases of (count, gap in minutes, negative probability)."""
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
    """`stream`, for tests that build their own phases."""
    return stream
