"""Read the commonest form of an item in one go: an id of its own, and texts with one name each.

Most feeds send nothing else. `schemas.incoming.item` can read every item, and gives the same
article for these: it looks for each field under all of its names, and keeps account of what it
could not read, which takes twice as long. What is unusual here is left to it, untouched.
"""

import math
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Final, cast

from pydantic import JsonValue

from schemas.article import Article
from schemas.identity import Pair, header_key, id_key
from schemas.incoming.companies.values import are_plain
from schemas.incoming.ids import NO_ID, UNKNOWN
from schemas.incoming.item import PAGES, Reading, host_named
from schemas.incoming.languages import tag_of
from schemas.incoming.limits import MAX_HEADLINE_CHARACTERS
from schemas.incoming.placeholders import LONGEST_PLACEHOLDER, is_nothing
from schemas.incoming.plain.names import PlainNames
from schemas.incoming.profiles.profile import Profiles
from schemas.incoming.prose import plain, tidy
from schemas.incoming.times.beside import DAY_CHARACTERS
from schemas.incoming.times.moment import moment
from schemas.incoming.times.numbers import UnreadableTime
from schemas.refusal import Invalid
from schemas.structs.codec import struct_of

_Article: Final[type[Article]] = struct_of(Article)
_MAX_WORD_CHARACTERS: Final = 64
"""The longest name of a source or a language that is remembered."""
_MAX_REMEMBERED: Final = 4_096


def read_plain(
    body: JsonValue, profiles: Profiles, header: bytes | None, latest: float
) -> Reading | None:
    """Return the article in ``body``; None, with ``body`` as it was, if another must read it.

    What is taken leaves ``body``, and the article keeps the rest.

    Args:
        body: The item.
        profiles: The profiles that know the names of its fields.
        header: The header with the idempotency key, if there is one.
        latest: The Unix time after which a date lies in the future.
    """
    names = profiles.plain_names(body) if isinstance(body, dict) else None
    if not isinstance(body, dict) or names is None:
        return None
    published = _date(body[names.published], latest)
    if published is None:
        return None
    headline, summary = _text(body, names.headline, plain), _text(body, names.summary, plain)
    url, identifier = _text(body, names.url, tidy), _identifier(body[names.id])
    source, language = _word(body, names.source, _source), _word(body, names.language, _tag)
    tickers = _tickers(body, names.companies)
    if not (headline and source and identifier) or len(headline) > MAX_HEADLINE_CHARACTERS:
        return None
    if None in {summary, language, tickers} or not _is_page(url, identifier):
        return None
    try:
        key = header_key(header) if header is not None else id_key(Pair(source, identifier))
    except Invalid:
        return None
    return Reading(
        _Article(
            key=key,
            source=source,
            headline=headline,
            published=published,
            url=url or None,
            summary=summary or None,
            companies=tickers or (),
            language=language or None,
            extra=_rest(body, names),
        ),
        published_from=names.published,
        identity_from="id" if header is None else "header",
    )


def _date(value: JsonValue, latest: float) -> datetime | None:
    if not isinstance(value, str) or len(value) <= DAY_CHARACTERS:
        return None
    try:
        result = moment(value)
    except UnreadableTime:
        return None
    if result is None or result.doubt:
        return None
    return result.time if latest == math.inf or result.time.timestamp() <= latest else None


def _text(
    body: dict[str, JsonValue], name: str | None, cleaned: Callable[[str], str]
) -> str | None:
    """Return a field's text, empty if there is none; None if the value is unusual."""
    value = body[name] if name else None
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or value.isspace():
        return None
    is_text = len(value) > LONGEST_PLACEHOLDER or not is_nothing(value)
    return cleaned(value) if is_text else None


def _word(
    body: dict[str, JsonValue], name: str | None, cleaned: Callable[[str], str]
) -> str | None:
    """Do as `_text`; ``cleaned`` remembers what it returns, and gives "" for unusual texts."""
    value = body[name] if name else None
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or len(value) > _MAX_WORD_CHARACTERS:
        return None
    return cleaned(value) or None


@lru_cache(_MAX_REMEMBERED)
def _source(text: str) -> str:
    source = "" if is_nothing(text) else host_named(tidy(text))
    return "" if source == UNKNOWN else source


@lru_cache(_MAX_REMEMBERED)
def _tag(text: str) -> str:
    language = "" if is_nothing(text) else tidy(text)
    return tag_of(language) if language else ""


def _identifier(value: JsonValue) -> str:
    """Return the id of an item; empty if it is none, or not a text."""
    identifier = value.strip() if isinstance(value, str) else ""
    return "" if identifier in NO_ID or is_nothing(identifier) else identifier


def _tickers(body: dict[str, JsonValue], name: str | None) -> tuple[str, ...] | None:
    """Return the tickers in a field, none if it is not there; None if the value is unusual."""
    tickers = body[name] if name else None
    if tickers is None:
        return ()
    if not isinstance(tickers, list) or not are_plain(tickers):
        return None
    return cast("tuple[str, ...]", tuple(dict.fromkeys(tickers)))  # `are_plain` has looked


def _is_page(url: str | None, identifier: str) -> bool:
    """Return whether the URL is one, or is missing and the id is none either."""
    return "/" in url if url else url is not None and not identifier.startswith(PAGES)


def _rest(body: dict[str, JsonValue], names: PlainNames) -> dict[str, JsonValue]:
    """Take all fields but the id out of ``body``, and return it."""
    del body[names.headline], body[names.published], body[names.source]
    for name in (names.url, names.summary, names.language, names.companies):
        if name:
            del body[name]
    return body
