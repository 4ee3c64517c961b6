"""Make an article of one item: the object that a record holds, or one of several."""

import math
from typing import Final

import msgspec
from pydantic import JsonValue

from schemas import identity
from schemas.article import Article
from schemas.identity import Content, Pair
from schemas.incoming import ids
from schemas.incoming.cloudevents import Event
from schemas.incoming.companies.taken import take_companies
from schemas.incoming.companies.values import Companies
from schemas.incoming.fields import (
    UNREAD,
    Fields,
    Warning,  # noqa: A004 - the documents' word
    text_of,
)
from schemas.incoming.ids import UNKNOWN
from schemas.incoming.languages import tag_of
from schemas.incoming.limits import MAX_HEADLINE_CHARACTERS, MAX_NAME_CHARACTERS
from schemas.incoming.placeholders import is_nothing
from schemas.incoming.prose import plain, tidy
from schemas.incoming.publication import EVENT_TIME, MARK, Publication, note_future, publication
from schemas.incoming.urls import host_of, is_link, page_of
from schemas.refusal import Invalid, TooLarge
from schemas.structs.codec import fields_of, struct_of

_Article: Final[type[Article]] = struct_of(Article)
PAGES: Final = ("http://", "https://")
"""What the URL of a page begins with."""


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One article that a record holds, and how it was read.

    Attributes:
        struct: The article's struct (`schemas.structs.codec`).
        warnings: The problems that did not cost it, in the order of reading.
        published_from: The name of the field that the time was read from; "ce_time" if the event's.
        identity_from: "header", "id", "url", "content" or "event".
    """

    struct: Article
    warnings: tuple[Warning, ...] = ()
    published_from: str = ""
    identity_from: str = ""

    @property
    def article(self) -> Article:
        """The article, as its model."""
        return Article.of_valid(fields_of(self.struct))


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What a record says about all of its items.

    Attributes:
        event: The CloudEvent, or plain JSON without attributes.
        header: The header with the idempotency key, if there is one.
        item: The number of the item; None if the record holds one only.
        latest: The Unix time after which a date lies in the future.
    """

    event: Event
    header: bytes | None
    item: int | None = None
    latest: float = math.inf


def read_item(fields: Fields, origin: Origin) -> Reading:
    """Return the article in ``fields``, whose object keeps what has no place in an article.

    Raises:
        Refusal: it has no headline or no time of publication.
    """
    profile = fields.profile
    headline = _headline(fields)
    published = publication(fields, origin.event.time)
    companies = take_companies(fields)
    identifier = ids.own_id(fields)
    url = _url(fields, identifier)
    named_source = host_named(_name(fields, "source") or profile.source)
    source = named_source or _fallback_source(origin.event, url)
    language = _name(fields, "language")
    summary = plain(fields.take_text("summary")) or None

    key, identity_from = _identity(
        fields,
        origin,
        published,
        own=ids.pair(fields, identifier, source),
        url=url,
        named_source=named_source,
        headline=headline,
        companies=companies,
    )
    note_future(fields, published, origin.latest)
    struct = _Article(
        key=key,
        source=source,
        headline=headline,
        published=published.time,
        url=url or None,
        summary=summary,
        companies=companies.tickers,
        company_names=companies.names,
        language=tag_of(language) if language else None,
        extra=_extra(fields, published),
    )
    return Reading(struct, tuple(fields.warnings), published.name, identity_from)


def _extra(fields: Fields, published: Publication) -> dict[str, JsonValue]:
    """Return what is left of the item's object, and notes of how it was read."""
    extra = fields.body
    if fields.unread and UNREAD not in extra:
        extra[UNREAD] = fields.unread
    if published.name == EVENT_TIME and MARK not in extra:
        extra[MARK] = EVENT_TIME
    return extra


def source_of(fields: Fields, event: Event) -> str:
    """Return the source that an item names which can't be read; empty if there is none."""
    source = host_named(_name(fields, "source") or fields.profile.source)
    return source or _fallback_source(event, fields.take_text("url")).replace(UNKNOWN, "")


def _headline(fields: Fields) -> str:
    headline = plain(fields.take_text("headline"))
    if 0 < len(headline) <= MAX_HEADLINE_CHARACTERS:
        return headline
    for name in fields.names.get("headline", ()):
        other = plain(text_of(fields.get(name)))
        if 0 < len(other) <= MAX_HEADLINE_CHARACTERS and not is_nothing(other):
            problem = f"has {len(headline)} characters" if headline else "has no text in it"
            fields.warn("headline", f"{problem}; {name[:64]} is taken instead")
            fields.unread["headline"] = problem
            return other
    if not headline:
        remedy = "send headline or title with text in it, or name its field in a profile"
        raise Invalid("headline", "is missing or empty", remedy)
    remedy = f"send at most {MAX_HEADLINE_CHARACTERS}, the rest as summary"
    raise TooLarge("headline", f"has {len(headline)} characters", remedy)


def _url(fields: Fields, identifier: str) -> str:
    url = tidy(fields.take_text("url"))
    if url and "/" not in url and not is_link(url):
        problem = "is no link, and is left out"
        fields.warn("url", problem)
        fields.unread["url"] = problem
        url = ""
    if not url and identifier.startswith(PAGES):
        return tidy(identifier)
    return url


def host_named(source: str) -> str:
    """Return the source that an item names; the host where it gives a URL of it."""
    return host_of(source).removeprefix("www.") if source.startswith(PAGES) else source


def _name(fields: Fields, field: str) -> str:
    name = tidy(fields.take_text(field))
    if len(name) > MAX_NAME_CHARACTERS:
        fields.warn(field, f"has {len(name)} characters; cut to {MAX_NAME_CHARACTERS}")
        return name[:MAX_NAME_CHARACTERS].strip()
    return name


def _identity(  # noqa: PLR0913 - an article has that many identities
    fields: Fields,
    origin: Origin,
    published: Publication,
    *,
    own: Pair | None,
    url: str,
    named_source: str,
    headline: str,
    companies: Companies,
) -> tuple[str, str]:
    """Return the strongest identity there is, and where it is from."""
    if origin.header is not None:
        return identity.header_key(origin.header, origin.item), "header"
    kind = fields.profile.identity
    if own is not None and kind in {"", "id"}:
        return identity.id_key(own), "id"
    day = published.time.date().isoformat()
    if kind in {"", "url"} and url and (page := page_of(url)):
        # The time of sending is not a part of what is sent.
        page_day = "" if published.name == EVENT_TIME else day
        return identity.page_key(page, page_day), "url"
    event = origin.event.identity
    if event is not None and not kind:
        if not ids.is_random(event.id):
            number = "" if origin.item is None else f"/{origin.item}"
            return identity.event_key(Pair(event.source, event.id + number)), "event"
        fields.warn("ce_id", "is random and does not identify the article; its content does")
    content = Content(named_source, headline, companies.tickers + companies.names, day)
    return identity.content_key(content), "content"


def _fallback_source(event: Event, url: str) -> str:
    """Return the event's source, else the host of the article's URL, else "unknown"."""
    if source := tidy(event.source or "")[:MAX_NAME_CHARACTERS].strip():
        return source
    return host_of(url).removeprefix("www.") or UNKNOWN
