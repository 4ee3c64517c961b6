"""Company symbols as feeds write them: lists, comma-separated text, cashtags."""

from typing import Final

from pydantic import JsonValue

from schemas.incoming.prose import tidy
from schemas.refusal import Invalid, TooLarge

LONGEST: Final = 64
MOST: Final = 256
"""Each company makes a signal that repeats the headline, so one article must not name thousands."""
_REMEDY: Final = 'send a list such as ["AAPL", "MSFT"] or the text "AAPL, MSFT"'


def tickers(value: JsonValue) -> tuple[str, ...]:
    """Return symbols in upper case without the cashtag's $, each once, in the order sent.

    Raises:
        Invalid: it is neither text nor a list of texts, or a symbol is longer than `LONGEST`.
        TooLarge: there are more than `MOST`.
    """
    if value is None:
        return ()
    found = tuple(dict.fromkeys(filter(None, map(_ticker, _parts(value)))))
    if len(found) > MOST:
        raise TooLarge("companies", f"names {len(found)} companies", f"send at most {MOST}")
    return found


def _parts(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, str):
        return [*value.split(",")]
    if isinstance(value, list):
        return value
    raise Invalid("companies", f"is {type(value).__name__}, not a list", _REMEDY)


def _ticker(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise Invalid("companies", f"holds {type(value).__name__} where text belongs", _REMEDY)
    ticker = tidy(value).lstrip("$ ").upper()
    if len(ticker) > LONGEST:
        raise Invalid("companies", f"holds a symbol longer than {LONGEST} characters", _REMEDY)
    return ticker
