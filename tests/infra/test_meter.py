"""Progress of long steps, on a terminal and off it."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from infra.input.input_files import open_input
from infra.input.read_share import ReadShare
from infra.progress.meter import LINE_SECONDS, Meter
from tests.terminal import terminal

BAR = """
import time, typer
from infra.progress.meter import Meter
with Meter() as meter:
    meter.begin("scoring", "rows", 400)
    for number in range(1, 401):
        time.sleep(0.01)
        meter.advance()
        if number == 200:
            typer.echo("a.csv:7: skipped: has no date", err=True)
print("done")
"""


class Clock:
    """A clock that tests set."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def console() -> Console:
    """Return a console that is no terminal."""
    return Console(file=io.StringIO(), soft_wrap=True, highlight=False, force_terminal=False)


def lines(console: Console) -> list[str]:
    """Return what was printed."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_off_a_terminal_a_line_comes_now_and_then(clock: Clock, console: Console) -> None:
    """A log would be empty for hours, or have a line for each row."""
    with Meter(console, clock=clock) as meter:
        meter.begin("scoring", "rows", 4_000)
        for second in range(1, 41):
            clock.now = float(second)
            for _ in range(100):
                meter.advance()
    assert len(lines(console)) == 40 // LINE_SECONDS
    assert lines(console)[0] == "newsquake: scoring: 901 of 4,000 rows, 90/s, 23%, 0:34 left"


def test_a_step_that_is_soon_over_prints_nothing(clock: Clock, console: Console) -> None:
    """The output of a script would be full of lines that nobody needs."""
    with Meter(console, clock=clock) as meter:
        meter.begin("scoring", "rows", 10)
        meter.advance(10)
    assert lines(console) == []


def test_what_an_earlier_run_did_is_not_counted_as_fast(clock: Clock, console: Console) -> None:
    """A training that was continued would be said to end in a minute, and run for hours."""
    with Meter(console, clock=clock) as meter:
        meter.begin("training", "steps", 1_000, done=900)
        clock.now = 20.0
        meter.update(910)
    assert lines(console) == ["newsquake: training: 910 of 1,000 steps, 0.5/s, 91%, 3:00 left"]


def test_the_share_of_packed_and_plain_files_is_told(tmp_path: Path) -> None:
    """Nobody would know how long an archive of gigabytes still takes."""
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for file in files:
        file.write_bytes(b"x" * 299_999 + b"\n")
    share = ReadShare([str(file) for file in files])
    seen = []
    for file in files:
        with open_input(str(file), share.opened) as stream:
            stream.read(200_000)
            seen.append(share.value)
        seen.append(share.value)
    assert seen == sorted(seen)
    assert seen[0] == pytest.approx(1 / 3, abs=0.2)
    assert seen[1::2] == [0.5, 1.0]
    assert ReadShare([str(files[0]), "-"]).value == 0.0


@pytest.mark.parametrize("is_file", [True, False])
def test_the_share_of_redirected_input_is_told(
    tmp_path: Path, environment: dict[str, str], is_file: bool
) -> None:
    """``< file`` would take hours without a word, though its length is known."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"x" * 1_000_000)
    script = (
        "import sys; from infra.input.read_share import ReadShare; share = ReadShare(['-']); "
        "share.opened('-', sys.stdin.buffer); sys.stdin.buffer.read(500_000); print(share.value)"
    )
    source = {"stdin": file.open("rb")} if is_file else {"input": file.read_bytes()}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True, **source
    )
    assert float(done.stdout) == pytest.approx(0.5 if is_file else 0.0, abs=0.2)


@pytest.fixture
def environment() -> dict[str, str]:
    """Return the environment of a command that imports what the test imports."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_on_a_terminal_a_bar_has_rate_and_remaining_time_and_is_gone_at_the_end(
    environment: dict[str, str], columns: int, rows: int
) -> None:
    """A person would stare at a screen on which nothing moves, or find it full of old bars."""
    command = [sys.executable, "-c", BAR]
    with terminal(command, environment, columns, rows) as shown:
        text = shown.wait_for(lambda text: "skipped" in text and "scoring" in text)
        bar = next(line for line in text.splitlines() if line.startswith("scoring"))
        assert len(bar) <= columns
        assert re.search(r"━.* \d+ of 400 rows, \d+/s 0?\d:\d\d$", bar), bar
        shown.wait_for(lambda text: "done" in text)
        assert shown.process.wait(30) == 0
        assert shown.screen.text().split("\n")[:2] == ["a.csv:7: skipped: has no date", "done"]
        assert shown.screen.shows_cursor
