"""The lines of the commands about backups."""

import asyncio
from pathlib import Path

import pytest

from cli.failures import explain
from cli.state import lines
from cli.state.importing import run as run_import
from cli.state.lines import TimedProgress
from infra.settings.model import Settings
from streams.backup.backup_lines import Heading, Section
from streams.backup.backup_writer import new_backup
from streams.core.errors import BadBackup, Misconfigured


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


def test_another_prefix_is_noticed_first(tmp_path: Path) -> None:
    """An operator would wait for gigabytes to be read, only to be told of a missing option."""
    file = tmp_path / "backup"
    with new_backup(file) as writer:
        writer.begin(Heading("1.0", "2026-01-01T00:00:00+00:00", "eu.", {"news.raw": 1}))
        writer.begin_section(Section("a topic of no release", 0, {}))
        writer.end_section()
        writer.end()
    with pytest.raises(Misconfigured, match=r"add --from-prefix 'eu\.'"):
        run_import(Settings(), file, None, as_json=False)
    with pytest.raises(BadBackup, match="of which this release knows nothing"):
        run_import(Settings(), file, "eu.", as_json=False)


def test_what_a_foreign_file_says_moves_no_cursor() -> None:
    """A file from elsewhere could repaint the terminal of whoever looks at it, or write a title."""
    explained = explain(BadBackup("take the release that wrote it (\x1b]0;all is well\x07)"))
    assert explained
    assert explained.lines == ["take the release that wrote it (\ufffd]0;all is well\ufffd)"]
