"""Companies as feeds write them: lists, objects, and lists that became texts on the way."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import orjson
from pydantic import JsonValue

from schemas.incoming.companies.symbols import canonical, is_bloomberg
from schemas.incoming.limits import MAX_NAME_CHARACTERS, MAX_TICKER_CHARACTERS, MAX_TICKERS
from schemas.incoming.placeholders import is_nothing
from schemas.incoming.prose import tidy

_SYMBOL_KEYS: Final = ("symbol", "ticker", "tickerSymbol", "ric", "code", "isin", "figi")
_NAME_KEYS: Final = ("name", "companyName", "title", "label", "#text", "value")
_PLAIN: Final = re.compile(r"[A-Z][A-Z0-9]{0,4}")
_TOKEN: Final = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^,;|\n\t\s][^,;|\n\t]*))")
_QUOTED_SYMBOL: Final = re.compile(
    r"['\"](?:symbol|ticker|name)['\"]\s*:\s*['\"]([^'\"]{1,64})['\"]"
)
_TICKER: Final = re.compile(r"\$?[A-Z0-9.:/^=-]{1,16}")
_LEGAL_FORM: Final = re.compile(
    r"(?:inc|corp|co|ltd|llc|plc|lp|s\.?a|ag|n\.?v|se)\.?", re.IGNORECASE
)
_MAX_LOWER_TICKER: Final = 5
_MAX_LIST_CHARACTERS: Final = 100_000
_MAX_LEVELS: Final = 4
_PAIR: Final = re.compile(r"[A-Z]{1,5}/[A-Z]{3,5}")
_CURRENCIES: Final = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "USDT", "USDC", "BTC", "ETH"})


class Companies(NamedTuple):
    """The companies of an article, each once, in the producer's order.

    Attributes:
        tickers: Their canonical tickers.
        names: Names, which only a table of companies can resolve.
        unread: The number of entries that could not be read, or were too many.
    """

    tickers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unread: int = 0


def tickers(value: JsonValue) -> tuple[str, ...]:
    """Return the canonical tickers of a field that holds tickers."""
    return gathered([(value, False)]).tickers


def gathered(fields: list[tuple[JsonValue, bool]]) -> Companies:
    """Return the companies of all ``fields``: values, and whether they may be names."""
    symbols: dict[str, None] = {}
    names: dict[str, None] = {}
    unread = 0
    for value, may_be_names in fields:
        for text in _texts(value, _MAX_LEVELS):
            if text is None:
                unread += 1
            elif may_be_names and _is_name(text):
                if len(text) <= MAX_NAME_CHARACTERS and not _LEGAL_FORM.fullmatch(text):
                    names[text] = None
            elif len(text) > MAX_TICKER_CHARACTERS:
                unread += 1
            elif ticker := canonical(text):
                symbols[ticker] = None
    kept = tuple(symbols)[:MAX_TICKERS]
    unread += len(symbols) - len(kept)
    return Companies(kept, tuple(names)[:MAX_TICKERS], unread)


def are_plain(entries: list[JsonValue]) -> bool:
    """Return whether all entries are tickers in their canonical form, as most feeds send them."""
    return len(entries) <= MAX_TICKERS and all(
        isinstance(entry, str) and _PLAIN.fullmatch(entry) and not is_nothing(entry)
        for entry in entries
    )


def _is_name(text: str) -> bool:
    if " " in text:
        return not is_bloomberg(text)
    if _TICKER.fullmatch(text) or "$" in text[:1]:
        return False
    return not (text.islower() and len(text) <= _MAX_LOWER_TICKER)


def _texts(value: JsonValue, levels: int) -> Iterator[str | None]:
    """Yield each entry as text, and None for one that is none."""
    if isinstance(value, str):
        yield from _split(value, levels)
    elif isinstance(value, list) and levels:
        for entry in value:
            if isinstance(entry, str):
                # An entry of a list is one company, whatever is in its name.
                text = tidy(entry).strip("'\" ")
                if text and not is_nothing(text):
                    yield text
            elif entry is not None:
                yield from _texts(entry, levels - 1)
    elif isinstance(value, dict) and levels:
        yield from _of_object(value, levels)
    elif value is not None:
        yield None


def _of_object(entry: dict[str, JsonValue], levels: int) -> Iterator[str | None]:
    lower = {name.lower(): name for name in entry}
    for key in (*_SYMBOL_KEYS, *_NAME_KEYS):
        text = entry.get(lower.get(key.lower(), key))
        if isinstance(text, str) and text.strip() and not is_nothing(text):
            yield tidy(text)
            return
    symbols = [name for name in entry if _TICKER.fullmatch(name)]
    if symbols and len(symbols) == len(entry):
        yield from symbols
    elif nested := [inner for inner in entry.values() if isinstance(inner, list)]:
        for inner in nested:
            yield from _texts(inner, levels - 1)
    elif entry:
        yield None


def _split(text: str, levels: int) -> Iterator[str | None]:
    """Yield the entries of a list that became a text: JSON, Python, Postgres, any separator."""
    text = text.strip()
    if is_nothing(text) or not text:
        return
    if text[0] in "[{(" and len(text) <= _MAX_LIST_CHARACTERS:
        try:
            parsed = orjson.loads(text)
        except orjson.JSONDecodeError:
            symbols = _QUOTED_SYMBOL.findall(text)
            if symbols:
                yield from symbols
                return
            text = text.strip("[](){} ")
        else:
            yield from _texts(parsed, levels - 1)
            return
    for quoted, single, bare in _TOKEN.findall(text):
        token = tidy(quoted or single or bare).strip("'\" ")
        if token.strip("$ ") and not is_nothing(token):
            yield from _words(token)


def _words(token: str) -> Iterator[str]:
    """Yield tickers that only spaces or slashes separate; any other text is one entry."""
    if _PAIR.fullmatch(token) and token.partition("/")[2] not in _CURRENCIES:
        yield from token.split("/")
        return
    words = token.split(" ")
    if len(words) > 1 and not is_bloomberg(token) and all(map(_TICKER.fullmatch, words)):
        yield from (word for word in words if word.strip("$/-"))
    elif len(words) == 3 and words[1] == "/":  # noqa: PLR2004 - A / B
        yield from (words[0], words[2])
    else:
        yield token


def matching(value: JsonValue, pattern: str) -> list[JsonValue]:
    """Return the tickers of those entries of a list that have the form of the feed's tickers."""
    entries = value if isinstance(value, list) else [value]
    matches = (_expression(pattern).search(entry) for entry in entries if isinstance(entry, str))
    return [match[1] for match in matches if match and match[1]]


@lru_cache(256)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
