"""Companies as feeds write them become one canonical ticker each."""

import pytest
from pydantic import JsonValue

from schemas.incoming.companies.values import Companies, gathered, tickers
from schemas.incoming.limits import MAX_TICKERS


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ()),
        ("AAPL", ("AAPL",)),
        ("$aapl, MSFT,,  $ ", ("AAPL", "MSFT")),
        (["$AAPL", "msft", "AAPL", " ", ""], ("AAPL", "MSFT")),
        (["BRK.B", "0700.hk"], ("BRK.B", "0700.HK")),
        ("['ACME', 'ORBT']", ("ACME", "ORBT")),
        ("['ACME' 'ORBT']", ("ACME", "ORBT")),
        ('["ORBT"]', ("ORBT",)),
        ("{NOVA,ZETA}", ("NOVA", "ZETA")),
        ("('NOVA', 'ZETA')", ("NOVA", "ZETA")),
        ("[{'ticker': 'ACME', 'score': 1}]", ("ACME",)),
        ("[]", ()),
        ("nan", ()),
        ("None", ()),
        ("ACME ORBT\tNOVA", ("ACME", "ORBT", "NOVA")),
        ("ACME;ORBT|NOVA", ("ACME", "ORBT", "NOVA")),
        (["ACME", None], ("ACME",)),
        ([{"ticker": "ACME", "relevance_score": "0.9"}], ("ACME",)),
        ([{"name": "ACME"}, {"symbol": "ORBT", "name": "Orbit"}], ("ACME", "ORBT")),
        ({"ACME": 0.9}, ("ACME",)),
        ([{"ticker": "CRYPTO:BTC"}, {"ticker": "FOREX:USD"}], ()),
    ],
)
def test_tickers(value: JsonValue, expected: tuple[str, ...]) -> None:
    """One company's news would be split over several subjects, or counted for none."""
    assert tickers(value) == expected


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        ("AAPL|AAPL.O|AAPL.OQ|AAPL.US|NASDAQ:AAPL|XNAS:AAPL|AAPL.XNAS|AAPL US Equity", "AAPL"),
        ("AAPL US|AAPL UW Equity|$aapl|AAPL:NASDAQ|AAPL:US|R:AAPL.O|<AAPL.O>", "AAPL"),
        ("BRK.B|BRK-B|BRK/B|brk-b|BRKb.N|NYSE:BRK.B|BRK/B US Equity|BRK B", "BRK.B"),
        ("RR.L|LON:RR|LSE:RR|RR LN Equity|RR.LSE|XLON:RR", "RR.L"),
        ("0700.HK|700 HK Equity|HKEX:700|HKG:0700|700.HK", "0700.HK"),
        ("BBD-B.TO|TSX:BBD.B|BBD/B CN Equity", "BBD-B.TO"),
        ("ABC.DE|ABC GY Equity|XETRA:ABC|ABC.XETRA|ETR:ABC", "ABC.DE"),
    ],
)  # fmt: skip
def test_one_company_has_one_spelling(spellings: str, expected: str) -> None:
    """Vendors' spellings would make six series of one company, none of which alerts."""
    for spelling in spellings.split("|"):
        assert tickers([spelling]) == (expected,), spelling


@pytest.mark.parametrize("value", [7, True, ["AAPL", 7], [["A", 1]], "x" * 65])
def test_what_cannot_be_read_is_counted(value: JsonValue) -> None:
    """A wrong type would crash the stage, or become a company named '7'."""
    assert gathered([(value, False)]).unread == 1


def test_names_beside_tickers_stay_names() -> None:
    """A company would count under its ticker and under its name."""
    fields: list[tuple[JsonValue, bool]] = [(["ACME"], False), (["Acme Inc", "ORBT"], True)]
    assert gathered(fields) == Companies(("ACME", "ORBT"), ("Acme Inc",))


def test_companies_are_bounded_after_duplicates_left() -> None:
    """One record could make a hundred thousand signals."""
    assert len(tickers(["A", *(f"T{n}" for n in range(MAX_TICKERS - 1)), "a"])) == MAX_TICKERS
    assert len(tickers([f"T{n}" for n in range(MAX_TICKERS + 1)])) == MAX_TICKERS
