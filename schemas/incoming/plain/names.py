"""The names of an item's fields, where each field has one name at most."""

from collections.abc import Collection
from typing import Final, NamedTuple

from schemas.incoming.aliases import UTC_NAMES, Names

_NEEDED: Final = ("headline", "published", "source", "id")
_OPTIONAL: Final = ("url", "summary", "language", "companies")
_HEADLINES: Final = ("headline", "title")
"""Names by which an object is an article without a closer look (`envelopes.is_article`)."""
_ELSEWHERE: Final = frozenset({"specversion", "item", "items", "entry", "entries", "ce_time"})
"""Names by which an object may be an event or a feed, or its date that of its event."""


class PlainNames(NamedTuple):
    """The name of each field of `Article` in an object; None where it is not there."""

    headline: str
    published: str
    source: str
    id: str
    url: str | None
    summary: str | None
    language: str | None
    companies: str | None


def plain_names(body: Collection[str], names: Names) -> PlainNames | None:
    """Return the names of the fields in ``body``, or None if anything about them is unusual.

    ``names`` are all names that are known in ``body``, by field.

    >>> plain_names(["id", "title", "date"], {"id": ["id"], "headline": ["title"]}) is None
    True
    """
    single = {field: found[0] for field, found in names.items() if len(found) == 1}
    is_plain = (
        single.keys() == names.keys() <= {*_NEEDED, *_OPTIONAL}
        and single.keys() >= {*_NEEDED}
        and len({*single.values()}) == len(single)
        and single["published"][-3:] not in UTC_NAMES
        and any(name in body for name in _HEADLINES)
        and _ELSEWHERE.isdisjoint(body)
    )
    if not is_plain:
        return None
    return PlainNames(
        headline=single["headline"],
        published=single["published"],
        source=single["source"],
        id=single["id"],
        url=single.get("url"),
        summary=single.get("summary"),
        language=single.get("language"),
        companies=single.get("companies"),
    )
