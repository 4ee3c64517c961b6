"""The inputs that once went wrong give their right value; `../shared/data/feed-cases`."""

import pytest

from nlp.companies.finder import CompanyFinder
from nlp.companies.settings import CompanySettings
from schemas.incoming.item import Reading
from schemas.incoming.reading import Refused, read_record
from tests.schemas.feeds.cases import CASES, FILES, IN_TEXT, RECORDS, records
from tests.schemas.feeds.right import as_read


def results(number: str) -> list[Reading | Refused]:
    """Return what the records of a case are read as."""
    return [result for value, headers in records(number) for result in read_record(value, headers)]


def readings(number: str) -> list[Reading]:
    """Return the articles of a case."""
    return [result for result in results(number) if isinstance(result, Reading)]


def test_every_case_has_its_right_value() -> None:
    """The other tests would pass without having looked at anything."""
    assert CASES.is_dir(), f"{CASES} is missing: the feed cases are data beside the repository"
    numbers = {file.name[:2] for file in CASES.glob("[0-9]*.json")}
    assert numbers == RECORDS.keys() | FILES.keys() | {"27"}


@pytest.mark.parametrize("number", RECORDS)
def test_each_record_of_a_case_has_its_right_value(number: str) -> None:
    """An item would be lost, have another's time, or count for another company or article."""
    values = [
        as_read(result.article) if isinstance(result, Reading) else None
        for result in results(number)
    ]
    assert values == RECORDS[number]


def test_placeholders_are_no_urls() -> None:
    """Links to None would be shown."""
    assert {reading.article.url for reading in readings("03")} == {None}


def test_counts_of_days_are_refused_by_name() -> None:
    """A producer of Excel's dates could not tell what is wrong with them."""
    refusals = [result.refusal for result in results("08") if isinstance(result, Refused)]
    assert len(refusals) == 2
    assert all("Excel" in str(refusal) for refusal in refusals)


@pytest.mark.parametrize("number", ["14", "15"])
def test_companies_are_found_in_the_text_of_a_headline(number: str) -> None:
    """Reuters' codes in angle brackets, or Johnson &amp;amp; Johnson, would be lost."""
    finder = CompanyFinder.load(CompanySettings())
    assert finder is not None
    for article in (reading.article for reading in readings(number)):
        found = tuple(company.ticker for company in finder.find(article.headline))
        assert found == IN_TEXT[article.key]


def test_tickers_count_before_names() -> None:
    """Acme would count under its name and not under its ticker."""
    (reading,) = readings("29")
    assert reading.article.company_names == ("Acme Inc",)


def test_headlines_are_as_they_were_written() -> None:
    """Readers would see remains of HTML, or a name without its company's code."""
    headlines = [
        reading.article.headline for number in ("14", "15", "16") for reading in readings(number)
    ]
    assert headlines == [
        "Smallco <SMLC.O>, Bigco <BGCO.N> cut output",
        "Johnson & Johnson falls",
        "McDonald\N{RIGHT SINGLE QUOTATION MARK}s sales fall",
        "BTC&ETH slide 10%",
    ]
