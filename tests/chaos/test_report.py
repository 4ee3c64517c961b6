"""The table of `make chaos`: rows that are clean, rows that are not, and the exit code."""

from pathlib import Path

import pytest

from tests.chaos import faults
from tests.chaos.__main__ import main
from tests.chaos.account import Account
from tests.chaos.matrix import MATRIX, Fault
from tests.chaos.report import HEAD, row
from tests.chaos.run import Result, Run

CLEAN = Account(100, 300, 0, 0, 0, ())
BAD = Account(100, 299, 1, 2, 3, ("news.scored: 1 lost, such as ['k']",))
FAULT = Fault("worker killed", faults.kill_worker, 20)


def result(account: Account, *recoveries: float, notes: tuple[str, ...] = ()) -> Result:
    """Return the result of a run."""
    return Result(account, 7.26, recoveries, notes, 60.0, "the log")


def test_each_number_stands_under_its_heading() -> None:
    """Somebody would read the doubled ones as lost, or a gap as a count."""
    titles = ["fault", "times", "in", "out", "lost", "twice", "counts", "gap s"]
    line, *others = row(FAULT, 20, result(BAD)).splitlines()
    ends = [HEAD.index(title) + len(title) for title in titles[1:]]
    starts = [30, *ends]
    numbers = [line[begin:end].strip() for begin, end in zip(starts, ends, strict=False)]
    assert line[:30].strip() == "worker killed"
    assert numbers == ["20", "100", "299", "1", "2", "3", "7.3"]
    assert others == ["  ! news.scored: 1 lost, such as ['k']"]


def test_what_belongs_to_a_row_stands_below_it_once() -> None:
    """A slow recovery, or a run that was given up, would not be seen."""
    _, *others = row(FAULT, 2, result(CLEAN, 3.1, 7.9, notes=("gave up", "gave up"))).splitlines()
    assert others == ["  served again after at most 7.9 s (2 kills)", "  gave up"]


def test_a_row_that_does_not_exist_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt row would run nothing, and count as clean."""
    with pytest.raises(SystemExit) as end:
        main(["--only", "worker kiled"])
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert all(fault.name in error for fault in MATRIX)


async def nothing(_: Run, turn: int) -> None:
    """Do no harm, at any turn."""
    assert turn == 0


async def break_off(run: Run, _: int) -> None:
    """Fail as a fault does whose condition does not come about."""
    run.notes.append("never printed")
    raise AssertionError("the partition was not served")


@pytest.mark.kafka
@pytest.mark.chaos
def test_the_harness_prints_clean_rows_and_those_that_failed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`make chaos` would end well although a row failed, or stop at the first that does."""
    matrix = [Fault("broken off", break_off, 1), Fault("no fault", nothing, 3), FAULT]
    arguments = ["--only", "broken,no fault", "--times", "1", "--logs", str(tmp_path)]
    assert main(arguments, matrix) == 1
    head, broken, *_, clean = capsys.readouterr().out.splitlines()
    assert head == HEAD
    assert broken.startswith("broken off: the partition was not served")
    fields = clean.split()
    assert fields[:3] == ["no", "fault", "1"]
    assert int(fields[3]) > 0
    assert int(fields[4]) > int(fields[3])
    assert fields[5:8] == ["0", "0", "0"]
    assert main(["--only", "no fault", "--times", "1"], matrix) == 0
