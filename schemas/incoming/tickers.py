"""Company symbols as feeds write them: lists, comma-separated text, cashtags."""

from typing import Final

from pydantic import JsonValue

from schemas.incoming.prose import tidy
from schemas.refusal import Invalid, TooLarge

MAX_TICKER_CHARACTERS: Final = 64
MAX_TICKERS: Final = 256
"""Each company makes a signal that repeats the headline, so one article must not name thousands."""
_REMEDY: Final = 'send a list such as ["AAPL", "MSFT"] or the text "AAPL, MSFT"'


def tickers(value: JsonValue) -> tuple[str, ...]:
    """Return symbols in upper case without the cashtag's $, each once, in the order sent.

    Raises:
        Invalid: it is neither text nor a list of texts, or a symbol is longer than
            `MAX_TICKER_CHARACTERS`.
        TooLarge: there are more than `MAX_TICKERS`.
    """
    if value is None:
        return ()
    if not isinstance(value, str | list):
        raise Invalid("companies", f"is {type(value).__name__}, not a list", _REMEDY)
    symbols: list[JsonValue] = [*value.split(",")] if isinstance(value, str) else value
    unique: dict[str, None] = {}
    for symbol in symbols:
        if not isinstance(symbol, str):
            problem = f"holds {type(symbol).__name__} where text belongs"
            raise Invalid("companies", problem, _REMEDY)
        ticker = tidy(symbol).lstrip("$ ").upper()
        if len(ticker) > MAX_TICKER_CHARACTERS:
            problem = f"holds a symbol longer than {MAX_TICKER_CHARACTERS} characters"
            raise Invalid("companies", problem, _REMEDY)
        if ticker:
            unique[ticker] = None
    if len(unique) > MAX_TICKERS:
        raise TooLarge("companies", f"names {len(unique)} companies", f"send at most {MAX_TICKERS}")
    return tuple(unique)
