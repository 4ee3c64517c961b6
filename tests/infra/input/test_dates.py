"""Dates of files: the order of a country, a format, a zone."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.input.messages import read_messages
from infra.input.options import parse_options
from infra.usage_error import UsageError


def dates(folder: Path, cells: list[str], **options: Any) -> list[str]:
    """Return the date of each row as it is sent, or the problem."""
    file = folder / "news.csv"
    rows = "".join(f'N{number},"{cell}"\n' for number, cell in enumerate(cells))
    file.write_text(f"headline,published\n{rows}")
    return [
        message.problem or json.loads(message.value)["published"]
        for message in read_messages([str(file)], parse_options(**options))
    ]


@pytest.mark.parametrize(
    ("deciding", "expected"),
    [("3/13/2026 4:05 PM", "2026-03-04T00:00:00"), ("13/3/2026", "2026-04-03T00:00:00")],
)
def test_one_row_decides_for_all(tmp_path: Path, deciding: str, expected: str) -> None:
    """News of 4 March would be counted on 3 April."""
    assert dates(tmp_path, ["3/4/2026", deciding])[0] == expected


def test_the_deciding_row_may_be_the_last_of_many(tmp_path: Path) -> None:
    """An archive that begins in the first days of a month would be refused."""
    result = dates(tmp_path, ["3/4/2026"] * 60_000 + ["3/13/2026"])
    assert result[0] == "2026-03-04T00:00:00"
    assert result[-1] == "2026-03-13T00:00:00"


def test_ambiguous_dates_are_refused_with_their_value(tmp_path: Path) -> None:
    """A guess would move half of the news by months, without a word."""
    problems = dates(tmp_path, ["3/4/2026", "5/6/2026"])
    assert all("month/day or day/month" in problem for problem in problems)
    assert "'3/4/2026'" in problems[0]
    assert dates(tmp_path, ["3/4/2026"], date_format="%d/%m/%Y") == ["2026-04-03T00:00:00"]


def test_a_row_of_the_other_order_is_named(tmp_path: Path) -> None:
    """A column of two countries would be read as of one."""
    result = dates(tmp_path, ["3/13/2026", "13/3/2026"])
    assert result[0] == "2026-03-13T00:00:00"
    assert "line 2 has the month first" in result[1]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("2026-03-03 08:15", "2026-03-03T08:15:00-05:00"),
        ("2026-07-03 08:15", "2026-07-03T08:15:00-04:00"),
        ("20260303081500", "2026-03-03T08:15:00-05:00"),
        ("3/13/2026 8:15 AM", "2026-03-13T08:15:00-04:00"),
        ("2026-03-03T08:15:00Z", "2026-03-03T08:15:00Z"),
        ("Tue, 03 Mar 2026 08:15:00 GMT", "Tue, 03 Mar 2026 08:15:00 GMT"),
        ("1772525700", "1772525700"),
    ],
)
def test_times_without_a_zone_get_that_of_the_option(
    tmp_path: Path, written: str, sent: str
) -> None:
    """New York's news would be counted four or five hours early."""
    assert dates(tmp_path, [written], timezone="America/New_York") == [sent]


@pytest.mark.parametrize(
    "options", [{"timezone": "New York"}, {"date_format": "%H"}, {"encoding": "cp99"}]
)
def test_options_that_say_nothing_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    """A typing error would be read as UTC, or refuse every row for itself."""
    with pytest.raises(UsageError, match="--"):
        dates(tmp_path, ["2026-03-03"], **options)
