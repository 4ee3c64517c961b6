"""Companies as vendors, notebooks and databases write them."""

import orjson
import pytest
from pydantic import JsonValue

from schemas.incoming.companies.values import gathered, tickers
from schemas.incoming.item import Reading
from schemas.incoming.reading import read_record

BOTH = ("ACME", "ORBT")


@pytest.mark.parametrize(
    "value",
    [
        "frozenset({'ACME', 'ORBT'})",
        "array(['ACME', 'ORBT'], dtype=object)",
        "Index(['ACME', 'ORBT'], dtype='object')",
        '"ACME,ORBT"',
        '"[\\"ACME\\",\\"ORBT\\"]"',
        "ACME & ORBT",
        "ACME and ORBT",
        "ACME+ORBT",
        "ACME~ORBT",
        "ACME \N{BULLET} ORBT",
        "ACME\N{FULLWIDTH COMMA}ORBT",
        "$ACME$ORBT",
        "#ACME #ORBT",
        "(NASDAQ: ACME) (NYSE: ORBT)",
        "acme orbt",
        [{"stock": "ACME"}, {"stock": "ORBT"}],
        [{"ticker_symbol": "ACME"}, {"@symbol": "ORBT"}],
        [{"instrument": {"symbol": "ACME"}}, {"security": {"ticker": "ORBT"}}],
        [{"name": "ACME", "isin": "US0000000001"}, {"key": "ORBT"}],
        [{"name": "Acme Inc", "symbols": ["ACME"], "domains": ["a.example"]}, {"id": "ORBT"}],
        {"symbols": "ACME,ORBT"},
        {"0": "ACME", "1": "ORBT"},
        {"list": [{"element": "ACME"}, {"element": "ORBT"}]},
        [{"symbol": "ACME", "type": "equity"}, {"name": "Ann", "type": "person"}, "ORBT"],
        ["Acme Inc (NYSE: ACME)", "ORBT - Orbit Corp"],
        ["ACME INC (ACME) (CIK 0000000001)", "ORBT (NASDAQ)"],
        ["ACME-US", "ORBT_US_EQ"],
        ["ACME@NASDAQ", "NYSE ORBT"],
        ["NMS:ACME", "equity:ORBT"],
    ],
)
def test_two_companies(value: JsonValue) -> None:
    """Their news would be counted under one odd name, or for nobody."""
    assert tickers(value) == BOTH


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        ("BRKb|BRK'B|BRK.B-US", "BRK.B"),
        ("BP..L|BP/ LN|BP-GB", "BP.L"),
        ("00700.HK|SEHK:00700|0700-HK", "0700.HK"),
        ("600519 CH|600519.SH", "600519.SS"),
        ("000001 CH", "000001.SZ"),
    ],
)
def test_one_company_has_one_spelling(spellings: str, expected: str) -> None:
    """One company's evidence would be split."""
    for spelling in spellings.split("|"):
        assert tickers([spelling]) == (expected,), spelling


@pytest.mark.parametrize(
    "entry",
    [
        {"symbol": "VOD", "exchange": "LSE"},
        {"ticker": "VOD", "mic": "XLON"},
        {"name": "VOD", "exchangeCode": "LON"},
    ],
)
def test_the_exchange_beside_a_symbol_counts(entry: JsonValue) -> None:
    """London's company would be counted as New York's of the same ticker."""
    assert tickers([entry]) == ("VOD.L",)


@pytest.mark.parametrize(
    "symbol",
    ["BTC-USD", "BTC/USD", "X:BTCUSD", "C:EURUSD", "I:SPX", "EURUSD=X", "GC=F", "^GSPC", "BTC.X"],
)
def test_currencies_and_indices_are_no_companies(symbol: str) -> None:
    """Bitcoin would alert as a company; what is left out stays in extra."""
    companies = gathered([([symbol, "ACME"], False)])
    assert (companies.tickers, companies.others) == (("ACME",), 1)


@pytest.mark.parametrize("value", ["set()", "0", "False", "Unknown", "TBD", "--", 0, False])
def test_nothing_is_no_company(value: JsonValue) -> None:
    """Articles about nobody would be a company's burst."""
    assert gathered([(value, False)]) == ((), (), 0, 0)


@pytest.mark.parametrize("name", ["ABC PLC", "BEST BUY", "FORD MOTOR CO"])
def test_a_name_in_capitals_is_one_company(name: str) -> None:
    """Each word of a regulator's company name would be a ticker: ABC and PLC."""
    assert gathered([(name, True)]).names == (name,)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("symbol_list", "ACME,ORBT", BOTH),
        ("relatedSymbols", ["ACME", "ORBT"], BOTH),
        ("mentioned_tickers", ["ACME", "ORBT"], BOTH),
        ("companyTicker", "ACME", ("ACME",)),
        ("bloomberg_ticker", "ACME US Equity", ("ACME",)),
        ("tidm", "ABC", ("ABC.L",)),
        ("subjects", [{"qcode": "R:ACME.N"}, {"qcode": "N2:US"}], ("ACME",)),
        ("subjects", "R:ACME.N N2:US", ("ACME",)),
        ("entities", {"symbols": [{"text": "ACME"}], "urls": []}, ("ACME",)),
        ("entities", [{"data": "Ann", "type": "PERSON"}], ()),
    ],
)
def test_names_of_fields(field: str, value: JsonValue, expected: tuple[str, ...]) -> None:
    """A vendor's companies would be lost without a word."""
    body = {"title": "Acme cuts", "published": "2026-03-03T08:15:00Z", field: value}
    (reading,) = read_record(orjson.dumps(body), [])
    assert isinstance(reading, Reading)
    assert reading.article.companies == expected
