"""The companies of one item, taken out of all fields that hold some."""

import re
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

from schemas.incoming.aliases import fold, holds_names
from schemas.incoming.companies.objects import symbol_in
from schemas.incoming.companies.symbols import listed
from schemas.incoming.companies.values import Companies, are_plain, gathered
from schemas.incoming.fields import Fields

_REUTERS_SUBJECT: Final = "^R:(.+)$"
"""Of the subjects of Reuters' news, those that are companies."""
_SEPARATED: Final = re.compile(r"[,;|]\s*")
_WORDS: Final = re.compile(r"[\s,;|]+")
_KINDS_OF_COMPANIES: Final = ("symbols", "cashtags", "tickers", "companies", "organizations")
_OF_LONDON: Final = frozenset({"tidm", "epic"})
"""Names of fields that hold tickers of London's exchange without a suffix."""


def take_companies(fields: Fields) -> Companies:
    """Take the companies of all fields that hold some."""
    names = fields.names.get("companies")
    if names is None:
        return Companies()
    first = fields.get(names[0])
    if (
        len(names) == 1
        and not fields.profile.symbols
        and isinstance(first, list)
        and are_plain(first)
    ):
        fields.body.pop(names[0], None)
        return Companies(tuple(dict.fromkeys(first)))  # type: ignore[arg-type]
    values: list[tuple[JsonValue, bool]] = []
    for name in names:
        value, may_be_names = values_in(fields, name)
        if value is None:
            continue
        values.append((value, may_be_names))
        result = gathered(values[-1:])
        if result.unread:
            fields.leave_out(name, "companies", value)
        elif (
            not result.others
            and value is fields.body.get(name)
            and (
                isinstance(value, str)
                or (isinstance(value, list) and all(isinstance(entry, str) for entry in value))
            )
        ):
            del fields.body[name]
    companies = gathered(values)
    if companies.names and not companies.tickers:
        # Nothing but names: each is a subject, unless the table of companies knows its ticker.
        tickers = tuple(name.upper()[:64] for name in companies.names)
        return companies._replace(tickers=tickers, names=())
    return companies


def values_in(fields: Fields, name: str) -> tuple[JsonValue, bool]:
    """Return the companies in a field, None if there are none, and whether they may be names."""
    value, folded, pattern = fields.get(name), fold(name), fields.profile.symbols
    may_be_names = holds_names(folded)
    if value is None:
        fields.body.pop(name, None)
    elif folded in _OF_LONDON and isinstance(value, str):
        value = listed(value, "LSE")
    elif folded == "subjects" or (pattern and not may_be_names):
        value = _matching(value, pattern or _REUTERS_SUBJECT) or None
    elif folded == "entities" and isinstance(value, dict):
        kinds = (value.get(kind) for kind in _KINDS_OF_COMPANIES)
        value = next((kind for kind in kinds if kind), None)
    return value, may_be_names


def _matching(value: JsonValue, pattern: str) -> list[JsonValue]:
    """Return the tickers of those entries of a list that have the form of the feed's tickers."""
    entries = value
    if isinstance(value, str):
        entries = [*_SEPARATED.split(value)] if " " in pattern else [*_WORDS.split(value)]
    texts = [
        symbol_in(entry) if isinstance(entry, dict) else entry
        for entry in (entries if isinstance(entries, list) else [entries])
    ]
    matches = (_expression(pattern).search(text) for text in texts if isinstance(text, str))
    return [match[1] for match in matches if match and match[1]]


@lru_cache(256)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
