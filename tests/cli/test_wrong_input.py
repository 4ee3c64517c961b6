"""Input that can't be used: one line that says what is wrong and what to do, before any work."""

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app

NEWS = "title,date\nAcme recalls pumps,2026-03-03T08:15:00Z\n"


def told(*arguments: object) -> tuple[int, str]:
    """Run a command that fails; return its exit code and the one line that it prints."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("newsquake: ")
    assert result.exit_code != 0
    return result.exit_code, line


@pytest.mark.parametrize("command", ["check", "backtest", "publish"])
def test_a_file_that_is_no_text_is_told_in_words(tmp_path: Path, command: str) -> None:
    """The first kilobytes of a picture would be shown as the names of columns."""
    file = tmp_path / "news.csv"
    file.write_bytes(random.Random(1).randbytes(5_000))
    code, line = told(command, file)
    assert code == 2
    assert "bytes that are no text" in line
    assert len(line) < len(str(file)) + 200


def test_a_table_of_many_columns_is_told_by_the_first(tmp_path: Path) -> None:
    """A line of thousands of names would hide what to do."""
    file = tmp_path / "news.csv"
    file.write_text(",".join(f"column{number}" for number in range(500)) + "\n1\n")
    _, line = told("check", file)
    assert "--map headline=COLUMN" in line
    assert line.endswith("column19 and 480 others")
    _, line = told("check", file, "--map", "headline=nope")
    assert line.endswith("column19 and 480 others")


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    """A download that failed would look like a table of another kind."""
    file = tmp_path / "news.csv"
    file.touch()
    assert "is it empty?" in told("check", file)[1]


@pytest.mark.parametrize(
    ("plot", "says"),
    [("missing/a.png", "make it first"), ("folder.png", "--plots draws all subjects")],
)
def test_a_picture_that_can_not_be_written_is_refused_at_once(
    tmp_path: Path, plot: str, says: str
) -> None:
    """Minutes of work would end without the picture that they were for."""
    (tmp_path / "folder.png").mkdir()
    code, line = told("backtest", tmp_path / "no-such-file.csv", "--plot", tmp_path / plot)
    assert code == 2
    assert says in line


@pytest.mark.parametrize(
    "command",
    [["state", "import"], ["state", "verify"], ["evaluate", "lexicon"]],
    ids=" ".join,
)
def test_a_missing_file_is_told_without_numbers(tmp_path: Path, command: list[str]) -> None:
    """``[Errno 2]`` says nothing to a reader."""
    file = tmp_path / "no-such-file"
    _, line = told(*command, file)
    assert str(file) in line
    assert "o such file" in line or "does not exist" in line
    assert "Errno" not in line
