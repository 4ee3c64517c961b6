"""Error messages of ``newsquake backtest`` about input that it can't use."""

import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import Result

from backtest.events import read_events
from tests.backtest.archives import headlines

Backtest = Callable[..., Result]


def test_a_csv_without_the_columns_says_what_to_give(backtest: Backtest, tmp_path: Path) -> None:
    """A user with other column names would get a traceback, or an error for each row."""
    file = tmp_path / "news.csv"
    file.write_text("when,what\n2026-01-05,Acme falls\n2026-01-06,Acme falls again\n")
    result = backtest(file, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert "no column is called headline or title" in line
    assert "--map headline=COLUMN" in line
    assert "when, what" in line


def test_numbers_without_the_columns_say_what_to_give(backtest: Backtest, tmp_path: Path) -> None:
    """A user with other column names would not learn how to map them."""
    file = tmp_path / "counts.csv"
    file.write_text("when,value\n2026-01-05,3\n")
    result = backtest(file, "--volume")
    assert result.exit_code == 2
    assert "--map timestamp=COLUMN" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_bad_rows_are_named_by_their_line_and_counted(backtest: Backtest, tmp_path: Path) -> None:
    """One broken row would end a backtest of years, or be dropped silently."""
    rows = [orjson.dumps(row) for row in headlines(storm=True)]
    rows[3], rows[7] = b"{broken", b'{"title": "no date", "ticker": "ACME"}'
    file = tmp_path / "news.jsonl"
    file.write_bytes(b"\n".join(rows) + b"\n")
    result = backtest(file, "--map", "companies=ticker", "--json")
    assert result.exit_code == 0
    assert f"{file}:4: skipped: is not JSON" in result.stderr
    assert f"{file}:8: skipped: published is missing" in result.stderr
    assert "300 rows, 2 skipped" in result.stderr
    assert result.stdout


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-01-05 00:00,many", "value is no number"),
        ("2026-01-05 00:00,-3", "value is -3.0"),
        ("2026-01-05 00:00,nan", "value is nan"),
        ("yesterday,3", "which is no time we know"),
        ("2026-01-05 00:00", "has 1 cells"),
    ],
)
def test_a_row_without_a_valid_number_is_skipped(
    backtest: Backtest, tmp_path: Path, row: str, problem: str
) -> None:
    """A gap in a series would be taken for a count, or end the backtest."""
    file = tmp_path / "counts.csv"
    file.write_text(f"timestamp,value\n2026-01-04 00:00,3\n{row}\n2026-01-06 00:00,4\n")
    result = backtest(file, "--volume", "--json")
    assert result.exit_code == 0, result.output
    assert f"{file}:3: skipped: " in result.stderr
    assert problem in result.stderr
    assert "3 rows, 1 skipped" in result.stderr


@pytest.mark.parametrize("field", ["timestamp", "value"])
def test_a_list_instead_of_a_number_is_skipped(
    backtest: Backtest, tmp_path: Path, field: str
) -> None:
    """One wrong row of a hand-made file would end in a traceback."""
    file = tmp_path / "counts.jsonl"
    row = {"timestamp": "2026-01-05", "value": 1, field: [1]}
    file.write_text('{"timestamp": "2026-01-04", "value": 3}\n' + json.dumps(row) + "\n")
    result = backtest(file, "--volume", "--json")
    assert result.exit_code == 0, result.output
    assert f"{file}:2: skipped: " in result.stderr


def test_a_file_without_usable_rows_is_a_failure(backtest: Backtest, tmp_path: Path) -> None:
    """A script would take a wrong file for a calm year."""
    file = tmp_path / "news.jsonl"
    file.write_text('{"what": "Acme falls"}\n')
    result = backtest(file, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--map headline=" in result.stderr.splitlines()[-1]


def test_a_missing_file_is_named(backtest: Backtest, tmp_path: Path) -> None:
    """A typing mistake would end in a traceback."""
    result = backtest(tmp_path / "none.jsonl")
    assert result.exit_code == 2
    assert "none.jsonl: can't be read" in result.stderr


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "Invalid JSON"),
        ("{}", "the file: Input should be a valid"),
        ('[{"subject": "company:A", "from": "2026-01-01"}]', "event 1: to"),
        ('[{"subject": "A", "from": "2026-01-01", "to": "2026-01-02"}]', "event 1: subject"),
        ('[{"subject": [], "from": "2026-01-01", "to": "2026-01-02"}]', "event 1: subject"),
        ('[{"subject": "company:A", "from": "soon", "to": "2026-01-02"}]', "event 1: from"),
        (
            '[{"subject": "company:A", "from": "2026-01-03", "to": "2026-01-02"}]',
            "event 1: to is before from",
        ),
        (
            '[{"subject": "company:A", "from": "2026-01-01", "to": "2026-01-02", "node": ""}]',
            "event 1: node",
        ),
        (
            '[{"subject": "company:A", "from": "2026-01-01", "to": "2026-01-02", "size": 4}]',
            "event 1: size",
        ),
        (
            '[{"subject": "company:A", "from": "2026-01-01", "to": "2026-01-02", "dates": "?"}]',
            "event 1: dates",
        ),
    ],
)
def test_wrong_events_are_reported_before_anything_is_read(
    backtest: Backtest, tmp_path: Path, content: str, problem: str
) -> None:
    """A mistake in the events would cost an hour of scoring, or falsify the recall silently."""
    events = tmp_path / "events.json"
    events.write_text(content)
    result = backtest(tmp_path / "none.jsonl", "--events", events)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert problem in line


def test_wrong_harmless_times_name_their_option(backtest: Backtest, tmp_path: Path) -> None:
    """A user with two files would look for the mistake in the wrong one."""
    file = tmp_path / "harmless.json"
    file.write_text("{}")
    result = backtest(tmp_path / "none.jsonl", "--harmless", file)
    assert result.exit_code == 2
    assert f"--harmless {file}: the file: " in result.stderr


def test_an_unknown_subject_is_reported(backtest: Backtest, tmp_path: Path) -> None:
    """A misspelt subject would look like one without alerts."""
    file = tmp_path / "news.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in headlines(storm=True)))
    result = backtest(file, "--map", "companies=ticker", "--subject", "company:ACMW", "--json")
    assert result.exit_code == 2
    assert "company:ACME" in result.stderr


def test_a_date_as_the_end_of_an_event_is_the_whole_day(tmp_path: Path) -> None:
    """An alert in the afternoon of the last day would count as too late."""
    file = tmp_path / "events.json"
    row = {"subject": "company:A", "from": "2008-09-15", "to": "2008-09-15", "note": "n"}
    file.write_text(json.dumps([row]))
    (event,) = read_events(file)
    assert (event.begin.hour, event.end.hour, event.end.minute) == (0, 23, 59)
    assert event.begin.date() == event.end.date()
