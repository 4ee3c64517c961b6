"""Company lists of users, and the built-in one."""

from pathlib import Path

import pytest

from nlp.companies.company_list import builtin_csv
from nlp.companies.finder import CompanyFinder
from nlp.companies.settings import CompanySettings
from nlp.companies.table import BadTable, parse


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a user's list."""
    path = tmp_path / "desk.csv"
    path.write_text(
        "\ufeffticker,company,aliases,note\n"
        'ACME,"Acme Anvils, Inc.",Road Runner Supplies|Acme Rockets;Anvil?,ours\n'
        "$ndw.de,Nordwärme AG,,\n",
        "utf-8",
    )
    return path


def test_a_users_file_is_read(file: Path) -> None:
    """A desk could not add its own companies, or not as a spreadsheet saves them."""
    finder = CompanyFinder.load(CompanySettings(file=file, builtin=False))
    assert finder is not None
    names = ("Acme Anvils", "Road Runner Supplies", "Acme Rockets", "Nordwärme", "Nordwarme AG")
    tickers = {name: [company.ticker for company in finder.find(f"{name} gains")] for name in names}
    assert tickers == {name: ["NDW.DE" if name[0] == "N" else "ACME"] for name in names}
    assert finder.find("An Anvil falls") == []
    assert finder.find("Microsoft gains") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: no column company and ticker"),
        ("company,aliases\nAcme,\n", "line 1: no column ticker"),
        ("company,ticker,aliases\nAcme,ACME,\n,ORB,\n", "line 3: no company"),
        ("company,ticker,aliases\nAcme,,\n", "line 2: no ticker"),
        ("company,ticker,aliases\nAcme,ACME,a,b\n", "line 2: more fields than columns"),
        ("company,ticker,aliases\nAcme,AC ME,\n", "line 2: the ticker 'AC ME' has spaces"),
        ("company,ticker,aliases\nAcme,ACME,Anvils;?\n", r"line 2: '\?' is no name"),
        ('company,ticker,aliases\n"Acme,ACME,\n', "line 2: unexpected end of data"),
    ],
)
def test_a_wrong_line_is_reported_with_its_number(text: str, message: str) -> None:
    """A user would look for the mistake in a file of thousands of lines."""
    with pytest.raises(BadTable, match=f"^desk.csv, {message}"):
        parse(text, "desk.csv")


@pytest.mark.parametrize("content", [None, b"company,ticker\n\xff\xfe,A\n"])
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, content: bytes | None) -> None:
    """The worker would run without the companies that were asked for, or die with a traceback."""
    path = tmp_path / "desk.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadTable, match=r"desk.csv can't be read: "):
        CompanyFinder.load(CompanySettings(file=path))


def test_the_built_in_list_is_sound() -> None:
    """Two companies would share a name, and one of them would never be found."""
    companies = parse(builtin_csv(), "builtin.csv")
    owners: dict[str, set[str]] = {}
    for company in companies:
        for name in company.names:
            owners.setdefault(name.text, set()).add(company.ticker)
    assert {name: tickers for name, tickers in owners.items() if len(tickers) > 1} == {}
    assert len({company.ticker for company in companies}) > 400
