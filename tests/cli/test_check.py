"""``newsquake check``: what the pipeline would read, without Kafka."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from schemas.incoming.reading import Reading, read_record
from tests.schemas.feeds.cases import CASES, FILES, RECORDS, records
from tests.schemas.feeds.right import Right
from tests.schemas.feeds.vendors import SHAPES, right, sent

Check = Callable[..., Result]
STATUS = {"01": ["article", "update", "update"], "18": ["article", "copy"]}
"""Statuses of the rows of a case; all others are articles."""


@pytest.fixture
def news(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file."""

    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def check(*arguments: object, stdin: str | bytes = "") -> Result:
    """Run ``newsquake check`` in this process."""
    return CliRunner().invoke(app, ["check", *map(str, arguments)], input=stdin)


def as_shown(item: dict[str, Any]) -> Right | None:
    """Return what ``--json`` says of an item; None if it is refused."""
    if item["status"] == "refused":
        return None
    published = datetime.fromisoformat(item["published"])
    return Right(item["identity"], published, tuple(item["companies"]), item["source"])


def items(*arguments: object, stdin: str | bytes = "") -> list[dict[str, Any]]:
    """Return the lines of ``newsquake check --json``."""
    return [
        json.loads(line) for line in check(*arguments, "--json", stdin=stdin).stdout.splitlines()
    ]


def test_an_item_shows_how_it_is_read(news: Callable[[str, str], Path]) -> None:
    """A user could not see before publishing what the pipeline will take an article for."""
    file = news("n.csv", "Title,Date,Ticker\nMicrosoft cuts outlook,2026-03-03 08:15,AAPL\n")
    result = check(file)
    assert result.exit_code == 0, result.output
    for text in ("Microsoft cuts outlook", "2026-03-03 08:15:00 UTC", "AAPL", "MSFT", "1 article"):
        assert text in result.stdout
    (item,) = items(file)
    assert item["line"] == 2
    assert item["status"] == "article"
    assert item["published"] == "2026-03-03T08:15:00Z"
    assert item["companies"] == ["AAPL"]
    assert item["companies_in_text"] == ["MSFT"]
    assert item["headline"] == "Microsoft cuts outlook"
    assert {"reason", "identity", "source", "url", "warnings"} <= item.keys()


def test_what_all_rows_share_is_one_line(news: Callable[[str, str], Path]) -> None:
    """Three thousand equal lines would hide the one row that has another problem."""
    rows = "".join(f"Report {number},3/4/2026\n" for number in range(3_000))
    result = check(news("n.csv", f"headline,published\n{rows}"))
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if "refused 3000x" in line]
    assert "'3/4/2026'" in line
    assert "n.csv:2-3001" in line
    assert len(result.output.splitlines()) < 5


def test_a_refusal_shows_the_value_as_it_is(news: Callable[[str, str], Path]) -> None:
    """The masked excerpt of a dead letter tells nobody which cell is meant."""
    result = check(news("n.csv", "headline,published\nAcme,the day after\n"))
    assert "the first is 'the day after'" in result.stdout
    (item,) = items(news("n.csv", "headline,published\nAcme,the day after\n"))
    assert (item["status"], item["code"]) == ("refused", "invalid")
    assert "send ISO 8601" in item["reason"]


def test_copies_are_named_with_their_original(news: Callable[[str, str], Path]) -> None:
    """Overlapping dumps would look like twice as much news."""
    text = "headline,published,link\nAcme cuts,2026-03-03T08:15:00Z,https://w.example/a\n"
    first, second = items(news("a.csv", text), news("b.csv", text))
    assert (first["status"], second["status"]) == ("article", "copy")
    assert second["original"].endswith("a.csv:2")


def test_headers_count_as_the_producers_do() -> None:
    """A producer could not try its CloudEvents without Kafka."""
    row = '{"title": "Acme", "published": "2026-03-03"}\n'
    (item,) = items("-", "--headers", "idempotency-key=k1", stdin=row)
    assert item["identity"] == "k1"
    assert check("-", "--headers", "k1", stdin=row).exit_code == 2


def test_a_wrong_file_ends_with_2_in_one_line(news: Callable[[str, str], Path]) -> None:
    """A script could not tell a wrong command from a refused article."""
    result = check(news("n.csv", "what,when\nAcme,2026-03-03\n"))
    assert result.exit_code == 2
    assert "no column is called headline or title" in result.stderr
    assert check("none.csv").exit_code == 2


def test_case_27_a_big_cell_is_read(tmp_path: Path) -> None:
    """An article of 131 kB was skipped, although a record may have a megabyte."""
    file = tmp_path / "27-big.csv"
    file.write_text(f"headline,published,body\nAcme,2026-03-03,{'x' * 131_100}\n")
    (item,) = items(file)
    assert item["status"] == "article"


@pytest.mark.parametrize("number", FILES)
def test_the_rows_of_a_case_have_their_right_values(number: str) -> None:
    """Rows would be skipped, lose their company, or be one article under two identities."""
    files = FILES[number]
    assert CASES.is_dir(), f"{CASES} is missing: the feed cases are data beside the repository"
    rows = items(*files.paths, "--map", files.mapping)
    assert [as_shown(row) for row in rows] == files.rows
    assert [row["status"] for row in rows] == STATUS.get(number, ["article"] * len(rows))


def test_an_item_of_each_vendor_is_shown_as_the_pipeline_reads_it(
    news: Callable[[str, str], Path],
) -> None:
    """A user of one of these feeds would be told a wrong time, company, source or identity."""
    rows = items(news("n.jsonl", "".join(f"{sent(name).decode()}\n" for name in SHAPES)))
    assert [as_shown(row) for row in rows] == [right(name) for name in SHAPES]


@pytest.mark.parametrize("number", RECORDS)
def test_the_records_of_a_case_have_their_right_values(number: str) -> None:
    """A user would be told something else than what the pipeline makes of them."""
    for (value, headers), expected in zip(records(number), RECORDS[number], strict=True):
        if value.startswith(b"\0"):  # a registry's frame, which no file of lines has
            continue
        options = [f"--headers={name}={text.decode()}" for name, text in headers]
        (row,) = items("-", *options, stdin=value)
        assert as_shown(row) == expected


def test_help_tells_the_exit_code() -> None:
    """A script's author would have to try which code means what."""
    assert "exit code is 0" in " ".join(check("--help").stdout.split())


def test_times_without_a_zone_are_said_to_be_utc(news: Callable[[str, str], Path]) -> None:
    """A vendor's local times would be hours off, and nobody would know."""
    file = news("n.csv", "headline,published\nAcme,2026-03-03 08:15\n")
    assert any("UTC" in warning for warning in items(file)[0]["warnings"])
    assert "warning 1x: published" in check(file).stdout
    (item,) = items(file, "--timezone", "Europe/Berlin")
    assert (item["published"], item["warnings"]) == ("2026-03-03T07:15:00Z", [])


def test_a_profile_of_the_users_own_is_read_and_an_unknown_one_refused(
    news: Callable[[str, str], Path],
) -> None:
    """A feed's profile could only be tried on a running worker."""
    file = news("n.jsonl", '{"title": "Acme", "published": "2026-03-03 08:15"}\n')
    profile = news("mine.toml", 'zone = "America/New_York"\n')
    (item,) = items(file, "--profile", profile)
    assert item["published"] == "2026-03-03T13:15:00Z"
    assert check(file, "--profile", "nobody").exit_code == 2


def test_the_verdict_is_that_of_ingest(news: Callable[[str, str], Path]) -> None:
    """Rows that `check` or `publish` call good would die in the pipeline."""
    rows = [
        {"title": "Acme", "published": "2026-03-03"},
        {"title": "Acme"},
        {"title": "", "published": "2026-03-03"},
        {"title": "Acme", "published": "soon"},
        {"title": "Acme", "published": 5},
        {"title": "Acme", "published": "2026-03-03", "tickers": 7},
    ]
    file = news("n.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    for row, item in zip(rows, items(file), strict=True):
        (reading,) = read_record(json.dumps(row).encode(), ())
        if isinstance(reading, Reading):
            assert item["identity"] == reading.article.key
        else:
            assert (item["status"], item["reason"]) == ("refused", str(reading.refusal))


def test_a_profile_names_columns_and_formats(news: Callable[[str, str], Path]) -> None:
    """A vendor's table would need --map beside its profile, or its dates be called ambiguous."""
    profile = news(
        "v.toml",
        'formats = ["%d/%m/%Y"]\n[names]\nheadline = ["Schlagzeile"]\npublished = ["Tag"]\n',
    )
    (item,) = items(news("n.csv", "Schlagzeile,Tag\nAcme,3/4/2026\n"), "--profile", profile)
    assert (item["headline"], item["published"]) == ("Acme", "2026-04-03T00:00:00Z")


def test_a_date_in_the_future_is_a_warning(
    news: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misread year would look like an article in order, and never count in an alert."""
    file = news("n.csv", "headline,published\nAcme,2094-03-03T08:15:00Z\nAcme cuts,2024-03-03\n")
    ahead, past = items(file)
    assert (ahead["status"], ahead["published"]) == ("article", "2094-03-03T08:15:00Z")
    assert "lies after the time of sending" in ahead["warnings"][0]
    assert "detect.max_ahead" in ahead["warnings"][0]
    assert "lies after" not in str(past["warnings"])
    assert "warning 1x: published: lies after" in check(file, "--summary").stdout
    monkeypatch.setenv("NEWSQUAKE_DETECT__MAX_AHEAD", "36500d")
    assert "lies after" not in check(file).stdout
