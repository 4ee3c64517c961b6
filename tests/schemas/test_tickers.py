"""Companies as lists or text become clean symbols."""

import pytest
from pydantic import JsonValue

from schemas.incoming.tickers import MAX_TICKERS, tickers
from schemas.refusal import Invalid, TooLarge


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ()),
        ("AAPL", ("AAPL",)),
        ("$aapl, MSFT,,  $ ", ("AAPL", "MSFT")),
        (["$AAPL", "msft", "AAPL", " ", ""], ("AAPL", "MSFT")),
        (["BRK.B", "0700.hk", "Rio\tTinto\0"], ("BRK.B", "0700.HK", "RIO TINTO")),
    ],
)
def test_tickers(value: JsonValue, expected: tuple[str, ...]) -> None:
    """One company's news would be split over several subjects."""
    assert tickers(value) == expected


@pytest.mark.parametrize(
    "value", [7, True, {"a": 1}, ["AAPL", 7], ["AAPL", None], [["A"]], "x" * 65]
)
def test_refused(value: JsonValue) -> None:
    """A wrong type would crash the stage or become a company named '7'."""
    with pytest.raises(Invalid, match="companies"):
        tickers(value)


def test_companies_are_bounded_after_duplicates_left() -> None:
    """One record could make a hundred thousand signals."""
    assert len(tickers(["A", *(f"T{n}" for n in range(MAX_TICKERS - 1)), "a"])) == MAX_TICKERS
    with pytest.raises(TooLarge):
        tickers([f"T{n}" for n in range(MAX_TICKERS + 1)])
