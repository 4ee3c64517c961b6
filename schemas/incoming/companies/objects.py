"""Companies as objects: which key of an object holds the ticker, and which are no companies."""

import re
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from schemas.incoming.companies.symbols import listed
from schemas.incoming.placeholders import is_nothing

_SYMBOLS: Final = (
    "symbol", "ticker", "tickersymbol", "stocksymbol", "stockticker", "companyticker", "stock",
    "ric", "tidm", "epic", "code", "qcode", "t", "tag", "symbols", "tickers", "stocks", "rics",
    "list",
)  # fmt: skip
_CODES: Final = ("isin", "figi", "isins", "figis")
_OBJECTS: Final = ("instrument", "security", "company", "asset", "issuer")
_NAMES: Final = (
    "name", "companyname", "title", "label", "#text", "text", "value", "string", "element", "key",
    "data", "displayname", "id",
)  # fmt: skip
"""Keys without case, underscores and signs, the likeliest first."""
_EXCHANGES: Final = ("exchange", "exchangecode", "exchangeshortname", "mic", "market")
_TYPES: Final = ("type", "entitytype", "category", "kind")
_NOT_COMPANIES: Final = frozenset(
    [
        "person",
        "people",
        "per",
        "human",
        "location",
        "loc",
        "gpe",
        "place",
        "city",
        "country",
        "region",
        "date",
        "time",
        "money",
        "percent",
        "product",
        "event",
        "topic",
        "concept",
        "keyword",
        "hashtag",
        "url",
        "index",
        "crypto",
        "cryptocurrency",
        "currency",
        "forex",
        "commodity",
        "future",
        "futures",
        "bond",
        "norp",
        "fac",
        "workofart",
        "law",
        "language",
        "cardinal",
        "ordinal",
        "quantity",
        "email",
        "sector",
        "industry",
        "theme",
    ]
)
"""Types of entities that are no companies."""
_SHORT: Final = re.compile(r"\$?[A-Z][A-Z0-9]{0,4}(?:[.-][A-Z]{1,2})?")
_SIGNS: Final = str.maketrans("", "", "_-@ ")


def is_company(entry: Mapping[str, JsonValue]) -> bool:
    """Return whether an object may be a company: its type, if it has one, is no other."""
    for name, value in entry.items():
        if name.translate(_SIGNS).lower() in _TYPES and isinstance(value, str):
            return value.translate(_SIGNS).lower() not in _NOT_COMPANIES
    return True


def symbol_in(entry: Mapping[str, JsonValue]) -> JsonValue:
    """Return what an object calls its company: ticker, code, list of these, or name; else None."""
    low = {name.translate(_SIGNS).lower(): value for name, value in entry.items()}
    symbol, name = _first(low, _SYMBOLS), _first(low, _NAMES)
    if symbol is None and isinstance(name, str) and _SHORT.fullmatch(name):
        symbol = name
    if isinstance(symbol, str):
        exchange = _first(low, _EXCHANGES)
        return listed(symbol, exchange) if isinstance(exchange, str) else symbol
    if symbol is not None:
        return symbol
    code = _first(low, _CODES)
    return next((value for value in (code, _first(low, _OBJECTS), name) if value is not None), None)


def _first(low: Mapping[str, JsonValue], names: tuple[str, ...]) -> JsonValue:
    """Return the first of the values called ``names`` that has something in it."""
    for name in names:
        value = low.get(name)
        if isinstance(value, str) and value.strip() and not is_nothing(value):
            return value
        if isinstance(value, list | dict) and value:
            return value
    return None
