"""Files of users as messages for the pipeline."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from infra.input.columns.map_option import parsed
from infra.input.messages import InputMessage, read_messages
from infra.input.options import parse_options
from infra.usage_error import UsageError

TABLE = b"title,date,desk\nOne,2024-01-01,FX\n"


def rows_of(file: Path, mapping: str = "") -> list[InputMessage]:
    """Return the rows of one file, read as ``publish`` does."""
    return list(read_messages([str(file)], parse_options(mapping)))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A path for a CSV file."""
    return tmp_path / "reuters.csv"


def test_mapped_columns_get_the_names_that_the_pipeline_reads(table: Path) -> None:
    """A user's columns would be refused, or the file's name be taken for the source of news."""
    table.write_bytes(TABLE)
    (row,) = rows_of(table, "headline=title, published=date")
    assert json.loads(row.value) == {"headline": "One", "published": "2024-01-01", "desk": "FX"}


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ("headlin=title", "did you mean headline"),
        ("headline", "should look like"),
        ("headline=", "should look like"),
        ("headline=title,headline=date", "twice"),
    ],
)
def test_a_wrong_mapping_is_refused(mapping: str, problem: str) -> None:
    """A typing error would publish a whole file under a name that nobody reads."""
    with pytest.raises(UsageError, match=problem):
        parsed(mapping)


def test_gzip_is_recognised_by_its_bytes(tmp_path: Path, table: Path) -> None:
    """A compressed download without .gz in its name would be published as garbage."""
    table.write_bytes(gzip.compress(TABLE))
    named = tmp_path / "reuters.csv.gz"
    named.write_bytes(gzip.compress(TABLE))
    assert [row.value for row in rows_of(table)] == [row.value for row in rows_of(named)]


def test_half_a_gzip_file_is_an_error_after_its_rows(table: Path) -> None:
    """A download that was cut off would look complete."""
    table.write_bytes(gzip.compress(TABLE)[:-6])
    with pytest.raises(OSError, match="not a whole gzip file"):
        rows_of(table)


def test_broken_csv_rows_are_named_by_line_and_the_others_go_on(table: Path) -> None:
    """One bad row in a million would end the import, or could not be found in the file."""
    table.write_bytes(
        b"\xef\xbb\xbfheadline,published\r\n"
        b'"two\r\nlines",2024-01-01\r\n'
        b"short\r\n"
        b"\r\n"
        b"caf\xe9,2024-01-01\r\n"
        b'good,"2024-01-02"\r\n'
    )
    rows = rows_of(table)
    assert [(row.line, row.problem) for row in rows] == [
        (2, None),
        (4, "has 1 cells, the header 2"),
        (6, "is not UTF-8; say with --encoding what it is, such as cp1252"),
        (7, None),
    ]
    assert json.loads(rows[0].value)["headline"] == "two\r\nlines"


def test_broken_json_lines_are_named_and_good_ones_are_sent_as_they_are(tmp_path: Path) -> None:
    """Numbers or fields of a producer would change on the way, or one line end the import."""
    file = tmp_path / "feed.jsonl"
    good = b'{"headline":  "One", "n": 1.10}'
    file.write_bytes(good + b"\n\n[1]\n{oops\n" + good)
    rows = rows_of(file)
    assert [row.line for row in rows] == [1, 3, 4, 5]
    assert [row.value for row in rows if not row.problem] == [good, good]
    assert rows[1].problem == "is JSON, but not an object"
    assert (rows[2].problem or "").startswith("is not JSON")


def test_a_json_line_without_a_mapped_field_is_broken(tmp_path: Path) -> None:
    """It would be published without the field, and end as a dead letter far from its file."""
    file = tmp_path / "feed.jsonl"
    file.write_bytes(b'{"title": "One"}\n{"name": "Two"}\n')
    assert [row.problem for row in rows_of(file, "headline=title")] == [
        None,
        "has no title, which is mapped to headline",
    ]


def test_a_missing_column_is_named_with_the_existing_ones(table: Path) -> None:
    """Every row would fail for the same reason, without a word about the right name."""
    table.write_bytes(TABLE)
    with pytest.raises(UsageError, match="has no column name; the columns are title, date, desk"):
        rows_of(table, "headline=name")


def test_a_wrong_mapping_ends_with_2_before_anything_is_connected(table: Path) -> None:
    """A script could not tell a wrong command from a broker that is down."""
    table.write_bytes(TABLE)
    result = CliRunner().invoke(app, ["publish", str(table), "--map", "headlin=title"])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
