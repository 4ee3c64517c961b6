"""Files that appear in a folder, sent to a log in memory."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agents.sending.raw_record import Sender
from infra.feeds.folder import Folder
from infra.feeds.outlet import Outlet, open_outlets
from infra.feeds.report import Report
from infra.input.messages import DEFAULTS
from streams.kafka.cluster import Cluster
from streams.testing.memory_log import MemoryLog

Start = Callable[[], Awaitable[tuple[Folder, Report]]]
ROWS = 1_200


@pytest.fixture
def start(log: MemoryLog, tmp_path: Path) -> Start:
    """Follow the folder, as a process does that starts anew."""

    async def begin() -> tuple[Folder, Report]:
        outlets = await open_outlets(log, Cluster(), {"folder": "folder"})
        report = Report()
        folder = Folder(tmp_path, outlets["folder"], report, DEFAULTS, Sender("directory"))
        return folder, report

    return begin


def rows(begin: int, end: int) -> str:
    """Return lines of JSON."""
    line = '{{"id": "x{0}", "headline": "Acme {0}", "published": "2026-03-03T08:00:00Z"}}\n'
    return "".join(line.format(number) for number in range(begin, end))


def count(log: MemoryLog) -> tuple[int, int]:
    """Return the number of records on `news.raw`, and of different ones."""
    records = log.read("news.raw")
    return len(records), len({record.key for record in records})


async def test_each_row_is_sent_once_whatever_the_file_is_called(
    start: Start, log: MemoryLog, tmp_path: Path
) -> None:
    """A restart or a renamed file would send everything again."""
    (tmp_path / "a.jsonl").write_text(rows(0, ROWS))
    (tmp_path / "b.csv").write_text("headline,published\nAcme csv,2026-03-03T08:00:00Z\n")
    (tmp_path / "c.jsonl.part").write_text(rows(5_000, 5_010))
    (tmp_path / ".d.jsonl").write_text(rows(6_000, 6_010))
    folder, report = await start()
    await folder.look()
    assert count(log) == (0, 0)
    await folder.look()
    await folder.look()
    assert count(log) == (ROWS + 1, ROWS + 1)
    assert report.sent == ROWS + 1
    (tmp_path / "a.jsonl").rename(tmp_path / "renamed.jsonl")
    folder, report = await start()
    await folder.look()
    await folder.look()
    assert (count(log), report.sent) == ((ROWS + 1, ROWS + 1), 0)


async def test_a_file_that_grows_is_read_when_it_rests_and_then_its_new_rows(
    start: Start, log: MemoryLog, tmp_path: Path
) -> None:
    """Half of a last row would be refused, and the rest of the file lost."""
    file = tmp_path / "a.jsonl"
    folder, _ = await start()
    for end in (10, 20, 30):
        file.write_text(rows(0, end))
        await folder.look()
        assert count(log) == (0, 0)
    await folder.look()
    assert count(log) == (30, 30)
    file.write_text(rows(0, 40))
    folder, report = await start()
    await folder.look()
    await folder.look()
    assert (count(log), report.sent) == ((40, 40), 10)


async def test_a_process_that_ends_in_the_middle_goes_on_there(
    start: Start, log: MemoryLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows would be sent twice or never after a kill."""
    (tmp_path / "a.jsonl").write_text(rows(0, ROWS))
    folder, _ = await start()
    commit, commits = Outlet.commit, 0

    async def dies(*arguments: object) -> None:
        nonlocal commits
        commits += 1
        if commits == 2:
            raise KeyboardInterrupt
        await commit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Outlet, "commit", dies)
    await folder.look()
    with pytest.raises(KeyboardInterrupt):
        await folder.look()
    monkeypatch.undo()
    assert count(log) == (500, 500)
    folder, report = await start()
    await folder.look()
    await folder.look()
    assert (count(log), report.sent) == ((ROWS, ROWS), ROWS - 500)


async def test_bad_rows_and_files_are_told_and_hold_up_no_other(
    start: Start, log: MemoryLog, tmp_path: Path
) -> None:
    """One file that is no table would end the follower."""
    (tmp_path / "a.csv").write_text("when,who\n1,2\n")
    (tmp_path / "b.jsonl").write_text(rows(0, 2) + '{"headline": ""}\nbroken\n')
    folder, report = await start()
    await folder.look()
    await folder.look()
    assert count(log) == (2, 2)
    labels = {"agent": "source", "feed": "folder", "outcome": "refused"}
    value = report.exporter.registry.get_sample_value("newsquake_source_items_total", labels)
    assert (value, report.total_failures) == (2, 1)
