"""The lines of the commands about backups."""

import asyncio

import pytest

from cli.state import lines
from cli.state.lines import TimedProgress


async def test_who_waits_is_told_so_every_two_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator would kill an export that waits for a transaction to end."""
    monkeypatch.setattr(lines, "_PROGRESS_SECONDS", 0.05)
    async with TimedProgress("exporting").ticking() as say:
        say("state.detect-0", 1200)
        await asyncio.sleep(0.5)
    printed = capsys.readouterr()
    first, second, *_ = printed.err.splitlines()
    assert first == "newsquake: exporting state.detect-0: 1200 records"
    assert second.startswith(f"{first}; waiting for Kafka;")
    assert printed.out == ""


def test_a_quick_step_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """The output of a script would be full of lines that nobody needs."""
    TimedProgress("checking")("state.detect-0", 5)
    assert capsys.readouterr().err == ""
