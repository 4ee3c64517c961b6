"""The inputs that once went wrong give their right value; `../shared/data/feed-cases`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from nlp.companies.finder import CompanyFinder
from nlp.companies.settings import CompanySettings
from schemas.incoming.item import Reading
from schemas.incoming.reading import Refused, read_record

CASES = Path(__file__).parents[3] / "shared/data/feed-cases"
MOMENT = datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
DAY = datetime(2026, 3, 3, tzinfo=UTC)
ALL_AT_MOMENT = ("20", "21", "22", "23", "28")


def results(number: str) -> list[Reading | Refused]:
    """Return what the records and record files of a case are read as."""
    (file,) = CASES.glob(f"{number}-*.json")
    case: dict[str, Any] = orjson.loads(file.read_bytes())
    read: list[Reading | Refused] = []
    for record in case.get("records", ()):
        headers = [(name, text.encode()) for name, text in record["headers"].items()]
        read += read_record(orjson.dumps(record["value"]), headers)
    for name in case.get("files", ()):
        if name.endswith(".bin"):
            read += read_record((CASES / name).read_bytes(), [])
    return read


def readings(number: str) -> list[Reading]:
    """Return the articles of a case, none of which may be refused."""
    read = results(number)
    refusals = [str(result.refusal) for result in read if isinstance(result, Refused)]
    assert refusals == []
    return [result for result in read if isinstance(result, Reading)]


def test_the_cases_are_there() -> None:
    """The other tests would pass without having looked at anything."""
    assert CASES.is_dir(), f"{CASES} is missing: the feed cases are data beside the repository"


def test_an_hour_in_digits_is_no_time_in_2034() -> None:
    """One misdated item would become the detector's clock."""
    first = results("00")[0]
    assert isinstance(first, Reading)
    assert first.article.published == datetime(2026, 11, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "articles"), [("02", 2), ("03", 2), ("04", 2), ("11", 1), ("32", 1)]
)
def test_articles_are_the_same_if_what_they_say_is(number: str, articles: int) -> None:
    """Two articles would be taken for one, or one for several."""
    assert len({reading.article.key for reading in readings(number)}) == articles


def test_placeholders_are_no_urls() -> None:
    """Links to None would be shown."""
    assert {reading.article.url for reading in readings("03")} == {None}


def test_digits_are_dates() -> None:
    """News of today would be news of 1970."""
    times = [reading.article.published for reading in readings("07")]
    assert times == [DAY, MOMENT, DAY.replace(hour=8)]


def test_counts_of_days_are_refused_by_name() -> None:
    """News of today would be news of 1970."""
    refusals = [result.refusal for result in results("08") if isinstance(result, Refused)]
    assert len(refusals) == 2
    assert all("Excel" in str(refusal) for refusal in refusals)


def test_zero_times_are_none() -> None:
    """Placeholder rows would be articles of 1970."""
    *refused, flagged = results("09")
    assert [type(result) for result in refused] == [Refused, Refused]
    assert isinstance(flagged, Reading)
    assert flagged.article.published == MOMENT


def test_spellings_are_one_company() -> None:
    """The evidence would be split over six subjects."""
    companies = [reading.article.companies for reading in readings("13")]
    assert companies == [("AAPL",)] * 6 + [("BRK.B",)] * 3


def test_codes_in_angle_brackets_survive() -> None:
    """Reuters' companies would be lost."""
    (reading,) = readings("14")
    assert reading.article.headline == "Smallco <SMLC.O>, Bigco <BGCO.N> cut output"
    finder = CompanyFinder.load(CompanySettings())
    assert finder is not None
    found = {company.ticker for company in finder.find(reading.article.headline)}
    assert found == {"SMLC", "BGCO"}


def test_entities_are_unescaped_as_often_as_they_were_escaped() -> None:
    """Johnson & Johnson would not be found."""
    headlines = [reading.article.headline for reading in readings("15") + readings("16")]
    assert headlines == [
        "Johnson & Johnson falls",
        "McDonald\N{RIGHT SINGLE QUOTATION MARK}s sales fall",
        "BTC&ETH slide 10%",
    ]


@pytest.mark.parametrize("number", ALL_AT_MOMENT)
def test_what_can_be_read_is_read(number: str) -> None:
    """A name, an odd optional field or an envelope would cost the article."""
    assert {reading.article.published for reading in readings(number)} == {MOMENT}


def test_a_source_may_be_an_object() -> None:
    """Articles of most aggregators would be refused."""
    assert {reading.article.source for reading in readings("20")} == {"Example Wire"}


def test_tickers_count_before_names() -> None:
    """Acme would count under its name and not under its ticker."""
    (reading,) = readings("29")
    assert reading.article.companies == ("ACME",)
    assert reading.article.company_names == ("Acme Inc",)


def test_bytes_around_json_are_skipped() -> None:
    """A byte order mark would cost every article of a producer."""
    assert [reading.article.published for reading in readings("31")] == [DAY] * 4
