"""Commands that take longer than a moment, in a terminal: how far they are, and how fast."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.terminal import terminal

SCRIPT = Path(sys.executable).with_name("newsquake")
ENVIRONMENT = {**os.environ, "NEWSQUAKE_NLP__MODEL": "lexicon"}
BAR = re.compile(r"(?P<step>\w+) [━╸╺]+ (?P<count>[\d,]+) \w+, [\d,.]+/s \d+:\d\d\b")


def archive(file: Path, rows: int) -> Path:
    """Write headlines."""
    lines = (
        f"Acme recalls {row} pumps,2026-03-{row % 28 + 1:02}T08:15:00Z\n" for row in range(rows)
    )
    file.write_text("title,date\n" + "".join(lines))
    return file


def texts(file: Path, count: int) -> Path:
    """Write texts to predict."""
    file.write_text(
        "".join(
            json.dumps({"text": f"Acme recalls {n} pumps after a fire"}) + "\n"
            for n in range(count)
        )
    )
    return file


def shown_meanwhile(command: Sequence[str]) -> tuple[str, str]:
    """Return the screen with the first bar that knows the remaining time, and the last screen."""
    with terminal(command, ENVIRONMENT, columns=80, rows=24) as screen:
        meanwhile = screen.wait_for(BAR.search)
        while screen.process.poll() is None:
            screen.read(0.2)
        screen.read(0.2)
        return meanwhile, screen.screen.text()


def test_a_check_of_a_long_file_shows_how_far_it_is(tmp_path: Path) -> None:
    """Whoever checks a year of news would not know whether to wait for it or to go for lunch."""
    file = archive(tmp_path / "news.csv", 15_000)
    meanwhile, end = shown_meanwhile([str(SCRIPT), "check", "--summary", str(file)])
    assert (match := BAR.search(meanwhile))
    assert match["step"] == "checking"
    assert "15000 articles" in end
    assert not BAR.search(end)


def test_predictions_of_a_file_show_how_far_they_are(tmp_path: Path) -> None:
    """A file of texts takes a model minutes, in which the terminal would stand still."""
    file, out = texts(tmp_path / "texts.jsonl", 40_000), tmp_path / "out"
    command = f"'{SCRIPT}' predict --json < '{file}' > '{out}'"
    meanwhile, end = shown_meanwhile(["sh", "-c", command])
    assert (match := BAR.search(meanwhile))
    assert match["step"] == "predicting"
    assert not BAR.search(end)
    assert len(out.read_bytes().splitlines()) == 40_000


@pytest.mark.parametrize("columns", [80, 120])
def test_lines_of_a_check_are_broken_at_blanks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """The terminal would cut words in the middle; a program gets whole lines."""
    file = tmp_path / "news.csv"
    file.write_text(
        f"Headline,Date,Symbol\n{'Acme recalls pumps after a fire ' * 4},2026-03-03,ACME\n"
    )
    monkeypatch.chdir(tmp_path)  # a longer path than the terminal is wide would be broken
    with terminal([SCRIPT, "check", file.name], ENVIRONMENT, columns=columns, rows=30) as screen:
        while screen.process.poll() is None:
            screen.read(0.2)
        shown = screen.screen.text().splitlines()
    done = subprocess.run(
        [SCRIPT, "check", file.name], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    whole = [line for line in (done.stderr + done.stdout).splitlines() if len(line) > columns]
    assert whole
    words = {word for line in (done.stderr + done.stdout).splitlines() for word in line.split()}
    assert {word for line in shown for word in line.split()} <= words
    assert max(map(len, shown)) <= columns
