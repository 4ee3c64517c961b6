"""Companies as feeds write them: lists, objects, and lists that became texts on the way."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import orjson
from pydantic import JsonValue

from schemas.incoming.companies.objects import is_company, symbol_in
from schemas.incoming.companies.symbols import canonical, is_bloomberg, is_exchange, listed
from schemas.incoming.limits import MAX_NAME_CHARACTERS, MAX_TICKER_CHARACTERS, MAX_TICKERS
from schemas.incoming.placeholders import IN_CAPITALS, is_nothing
from schemas.incoming.prose import tidy

_PLAIN: Final = re.compile(r"[A-Z][A-Z0-9]{0,4}")
_TOKEN: Final = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^,;|\n\t\s][^,;|\n\t]*))")
_QUOTED_SYMBOL: Final = re.compile(
    r"['\"](?:symbol|ticker|name)['\"]\s*:\s*['\"]([^'\"]{1,64})['\"]"
)
_TICKER: Final = re.compile(r"[$#]?[A-Z0-9.:/^=-]{1,16}")
_LOWER_TICKER: Final = re.compile(r"[a-z]{1,5}")
_LEGAL_FORM: Final = re.compile(
    r"(?:inc|corp|co|ltd|llc|plc|lp|s\.?a|ag|n\.?v|se|limited|group|holdings?|company)\.?",
    re.IGNORECASE,
)
_CALL: Final = re.compile(
    r"(?:frozenset|set|array|index|list|tuple|deque|series)\((.*?)(?:, *dtype=[^)]{0,40})?\)",
    re.IGNORECASE | re.DOTALL,
)
"""A collection as Python, NumPy and pandas print it."""
_IN_BRACKETS: Final = re.compile(r"\(([^()]{1,40})\)")
_BRACKETS_ALONE: Final = re.compile(r"(?:\([^()]{1,40}:[^()]{1,40}\)[ ,;]*)+")
_OWN_TICKER: Final = re.compile(r"(?:[A-Za-z][A-Za-z ]{1,15}: ?)?\$?[A-Z]{1,5}(?:[./-][A-Z]{1,2})?")
_TICKER_FIRST: Final = re.compile(
    r"\$?([A-Z]{1,5}(?:[./-][A-Z]{1,2})?) [-|\N{EN DASH}\N{EM DASH}] \S.*"
)
_NO_TICKERS: Final = frozenset(
    {"US", "USA", "UK", "EU", "THE", "PLC", "INC", "ADR", "ETF", "NEW", "CIK"}
)
"""What stands in brackets after a company's name and is no ticker."""
_SEPARATING: Final = (
    "~\N{BROKEN BAR}\N{MIDDLE DOT}\N{BULLET}"
    "\N{IDEOGRAPHIC COMMA}\N{FULLWIDTH COMMA}\N{FULLWIDTH SEMICOLON}"
)
_SEPARATORS: Final = str.maketrans(dict.fromkeys(_SEPARATING, ","))
_TOGETHER: Final = re.compile(r" (?:and|&|\+|/) |(?<=[A-Z])\+(?=[A-Z])|(?<=[A-Z])(?=[$#][A-Z])")
_ZEROES: Final = frozenset({"0", "0.0", "FALSE"})
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
        others: The number of entries that are no companies, such as currencies.
    """

    tickers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unread: int = 0
    others: int = 0


def tickers(value: JsonValue) -> tuple[str, ...]:
    """Return the canonical tickers of a field that holds tickers."""
    return gathered([(value, False)]).tickers


def gathered(fields: list[tuple[JsonValue, bool]]) -> Companies:
    """Return the companies of all ``fields``: values, and whether they may be names."""
    symbols: dict[str, None] = {}
    names: dict[str, None] = {}
    unread = others = 0
    for value, may_be_names in fields:
        for text in _texts(value, _MAX_LEVELS, may_be_names=may_be_names):
            if text is None:
                unread += 1
            elif " " in text and (own := canonical(own_ticker(text))):
                symbols[own] = None
            elif may_be_names and _is_name(text):
                if len(text) <= MAX_NAME_CHARACTERS and not _LEGAL_FORM.fullmatch(text):
                    names[text] = None
            elif len(text) > MAX_TICKER_CHARACTERS:
                unread += 1
            elif ticker := canonical(text):
                symbols[ticker] = None
            else:
                others += 1
    kept = tuple(symbol for symbol in symbols if symbol not in _ZEROES)[:MAX_TICKERS]
    unread += len(symbols.keys() - _ZEROES) - len(kept)
    return Companies(kept, tuple(names)[:MAX_TICKERS], unread, others)


def own_ticker(text: str) -> str:
    """Return the ticker that stands with a name in one text: ``Acme Inc (NYSE: ACME)``."""
    if first := _TICKER_FIRST.fullmatch(text):
        return first[1]
    if "(" in text and not text.startswith("("):
        for bracket in _IN_BRACKETS.findall(text):
            if is_exchange(bracket):
                # The ticker stands before its exchange.
                word = text.partition(" (")[0]
                return listed(word, bracket) if _TICKER.fullmatch(word) else ""
            if _OWN_TICKER.fullmatch(bracket) and bracket not in _NO_TICKERS:
                return str(bracket)
    return ""


def are_plain(entries: list[JsonValue]) -> bool:
    """Return whether all entries are tickers in their canonical form, as most feeds send them."""
    if len(entries) > MAX_TICKERS:
        return False
    for entry in entries:  # a generator takes twice as long
        if not isinstance(entry, str) or not _PLAIN.fullmatch(entry) or entry in IN_CAPITALS:
            return False
    return True


def _is_name(text: str) -> bool:
    if " " in text:
        return not is_bloomberg(text)
    if _TICKER.fullmatch(text) or "$" in text[:1]:
        return False
    return not (text.islower() and len(text) <= _MAX_LOWER_TICKER)


def _texts(value: JsonValue, levels: int, *, may_be_names: bool = False) -> Iterator[str | None]:
    """Yield each entry as text, and None for one that is none."""
    if isinstance(value, str):
        yield from _split(value, levels, may_be_names=may_be_names)
    elif isinstance(value, list) and levels:
        for entry in value:
            if isinstance(entry, str):
                # An entry of a list is one company, whatever is in its name.
                text = tidy(entry).strip("'\" ")
                if text and not is_nothing(text):
                    yield text
            elif entry is not None:
                yield from _texts(entry, levels - 1, may_be_names=may_be_names)
    elif isinstance(value, dict) and levels:
        if is_company(value):
            yield from _of_object(value, levels)
    elif value not in (None, 0, False):
        yield None


def _of_object(entry: dict[str, JsonValue], levels: int) -> Iterator[str | None]:
    found = symbol_in(entry)
    if isinstance(found, str):
        parts = [part.strip() for part in found.split(",")]
        yield from parts if all(map(_TICKER.fullmatch, parts)) else (tidy(found),)
        return
    if found is not None:
        yield from _texts(found, levels - 1)
        return
    names = list(entry)
    if all(name.isdigit() for name in names):
        yield from _texts(list(entry.values()), levels - 1)
    elif all(map(_TICKER.fullmatch, names)):
        yield from names
    elif nested := [inner for inner in entry.values() if isinstance(inner, list)]:
        for inner in nested:
            yield from _texts(inner, levels - 1)
    elif entry:
        yield None


def _split(text: str, levels: int, *, may_be_names: bool) -> Iterator[str | None]:
    """Yield the entries of a list that became a text: JSON, Python, Postgres, any separator."""
    text = text.strip()
    if is_nothing(text) or not text or not levels:
        return
    if call := _CALL.fullmatch(text):
        yield from _split(call[1], levels - 1, may_be_names=may_be_names)
        return
    if _BRACKETS_ALONE.fullmatch(text):
        yield from _IN_BRACKETS.findall(text)
        return
    if text[0] in '[{("' and len(text) <= _MAX_LIST_CHARACTERS:
        try:
            parsed = orjson.loads(text)
        except orjson.JSONDecodeError:
            symbols = _QUOTED_SYMBOL.findall(text)
            if symbols:
                yield from symbols
                return
            text = text.strip("[](){} ")
        else:
            yield from _texts(parsed, levels - 1, may_be_names=may_be_names)
            return
    for quoted, single, bare in _TOKEN.findall(text.translate(_SEPARATORS)):
        token = tidy(quoted or single or bare).strip("'\" ")
        if token.strip("$ ") and not is_nothing(token):
            yield from (token,) if may_be_names and "$" not in token else _words(token)


def _words(token: str) -> Iterator[str]:
    """Yield tickers that only spaces or slashes separate; any other text is one entry."""
    if _PAIR.fullmatch(token) and token.partition("/")[2] not in _CURRENCIES:
        yield from token.split("/")
        return
    parts = _TOGETHER.split(token)
    words = token.split(" ")
    if len(parts) > 1 and all(map(_TICKER.fullmatch, parts)):
        yield from parts
    elif len(words) > 1 and not is_bloomberg(token) and are_tickers(words):
        yield from (word for word in words if word.strip("$#/-"))
    else:
        yield token


def are_tickers(words: list[str]) -> bool:
    """Return whether words that only spaces part are tickers, and not a name with a legal form."""
    if any(map(_LEGAL_FORM.fullmatch, words)):
        return False
    return all(map(_TICKER.fullmatch, words)) or all(map(_LOWER_TICKER.fullmatch, words))
