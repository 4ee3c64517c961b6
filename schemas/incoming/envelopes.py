"""What connectors, brokers and APIs put around articles; opened, or refused by its name."""

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import orjson
from pydantic import JsonValue

from schemas.incoming.aliases import fold, names_in
from schemas.incoming.json_value import cut_depth
from schemas.refusal import Invalid

_MAX_LEVELS: Final = 8
_WRAPPERS: Final = (
    "payload", "after", "fulldocument", "_source", "_airbyte_data", "detail", "attributes",
    "content", "article", "news", "newsitem", "item", "story", "document", "doc", "record", "event",
    "new", "data", "value", "message", "response", "articles", "entry", "feed", "results", "result",
    "channel", "rss", "hits", "node", "row", "properties", "kinesis", "sns", "body", "log", "root",
    "newsmessage", "itemset", "nitf", "fields", "newsarticle",
)  # fmt: skip
"""Fields in lower case that hold an article, or a list of them, in something that is none."""
_LISTS: Final = (
    "articles", "items", "item", "results", "feed", "entries", "entry", "news", "data", "docs",
    "documents", "stories", "records", "hits", "value", "payload", "response", "content", "artlist",
    "news_results", "majordevelopment", "edges", "headlines", "posts", "rows", "pressreleases",
)  # fmt: skip
_FEED_LISTS: Final = ("item", "items", "entry", "entries")
"""Lists of a feed that has a title of its own."""
_DATES_OF_ARTICLES: Final = frozenset(
    {"published", "published_at", "publishedAt", "publishedDate", "datetime", "created_at"}
)
"""Fields that a feed does not have, but an article with a list of others."""
_NO_ARTICLES: Final = frozenset(
    {"before", "old", "old_record", "previous", "oldimage", "source", "publisher", "provider",
     "author", "user", "site", "origin", "parent", "thread"}
)  # fmt: skip
"""Fields in lower case whose objects may have a title and a date, but are not the article."""
_DELETION_WORDS: Final = frozenset(
    {"delete", "deleted", "drop", "truncate", "remove", "removed", "tombstone"}
)
_DELETIONS: Final = {
    **dict.fromkeys(
        ("operationtype", "operation", "type", "kind", "eventname", "action", "event_type"),
        _DELETION_WORDS,
    ),
    **dict.fromkeys(("op", "__op", "op_type"), _DELETION_WORDS | {"d", "t", "-d", "-u"}),
}
"""Fields in lower case of change events to what they say of a row that is no more."""
_YES: Final = (True, "true", "True", "TRUE", "t", "d", "1", 1)
_ENVELOPES: Final = (
    (frozenset({"schema", "payload"}), "Kafka Connect's JsonConverter", "set schemas.enable=false"),
    (frozenset({"before", "after"}), "a Debezium change event", "use ExtractNewRecordState"),
    (frozenset({"op", "ts_ms"}), "a Debezium change event", "use ExtractNewRecordState"),
    (frozenset({"event_count", "data_collections"}), "a Debezium transaction",
     "set provide.transaction.metadata=false, or its topic apart"),
    (frozenset({"ddl"}), "a Debezium schema change", "leave out its topic"),
    (frozenset({"detail-type", "detail"}), "an AWS EventBridge event", "send its detail"),
    (frozenset({"message", "subscription"}), "a Pub/Sub push message", "send its decoded data"),
    (frozenset({"fields", "tags", "timestamp"}), "a Telegraf metric", "send the article's object"),
    (frozenset({"dynamodb"}), "a DynamoDB stream record", "unmarshall its NewImage"),
    (frozenset({"change"}), "a wal2json change", "use Debezium with ExtractNewRecordState"),
    (frozenset({"stream", "key_properties"}), "a Singer schema", "send its records alone"),
)  # fmt: skip


def is_article(body: Mapping[str, JsonValue]) -> bool:
    """Return whether an object has a headline under a name that we know."""
    return "headline" in body or "title" in body or "headline" in names_in(body)


def check_not_deleted(body: Mapping[str, JsonValue], flags: Iterable[str]) -> None:
    """Check that a row of a database has not just been deleted, as one of its ``flags`` may say.

    Raises:
        Invalid: it has, so that it is no news.
    """
    for name in flags:
        value = body.get(name)
        if not name.startswith("__") and fold(name) == "op":
            continue
        if isinstance(value, str | int) and value in _YES:
            raise Invalid(name, "marks a deleted row, which is no news", "drop deletions")


def _is_whole(body: Mapping[str, JsonValue]) -> bool:
    return names_in(body).keys() >= {"headline", "published"}


def is_feed(body: Mapping[str, JsonValue]) -> bool:
    """Return whether an object with a title holds articles, as a channel of RSS does."""
    if not ("item" in body or "items" in body or "entry" in body or "entries" in body):
        return False
    if not _DATES_OF_ARTICLES.isdisjoint(body):
        return False
    for name in _FEED_LISTS:
        items = body.get(name)
        first = items[0] if isinstance(items, list) and items else items
        if isinstance(first, dict) and _is_whole(first):
            return True
    return False


def opened(
    body: dict[str, JsonValue], is_claimed: Callable[[Mapping[str, JsonValue]], bool]
) -> JsonValue:
    """Return the article or the list of articles in ``body``; itself if there is no envelope.

    Args:
        body: The object.
        is_claimed: Returns whether a profile reads an object as it is.

    Raises:
        Invalid: the envelope tells of a deletion, or has nothing in it.
    """
    for _ in range(_MAX_LEVELS):
        if is_claimed(body) or (is_article(body) and not is_feed(body)):
            return body
        low = {name.lower(): value for name, value in body.items()}
        check_is_no_deletion(low)
        inner = _inner(low) or only_article(body)
        if isinstance(inner, list):
            return inner
        if inner is None:
            _refuse_by_name(body)
            return body
        for name in ("id", "_id"):
            if name in body and name not in inner and isinstance(body[name], str | int):
                inner = {**inner, name: body[name]}
        if body.keys() >= {"fields", "tags", "timestamp"}:
            tags = body["tags"] if isinstance(body["tags"], dict) else {}
            inner = {"timestamp": body["timestamp"], **tags, **inner}
        body = inner
    return body


def check_is_no_deletion(low: Mapping[str, JsonValue]) -> None:
    """Check that a change event, with its fields in lower case, tells of no deletion.

    Raises:
        Invalid: it does, so that it is no news.
    """
    if len(low) == 1:
        return
    metadata = low.get("metadata")
    for part in (low, metadata if isinstance(metadata, dict) else {}):
        for field, value in part.items():
            if isinstance(value, str) and value.lower() in _DELETIONS.get(field, ()):
                raise Invalid(field, "says that a row was deleted, which is no news", "drop it")


def _inner(low: Mapping[str, JsonValue]) -> dict[str, JsonValue] | list[JsonValue] | None:
    for name in _LISTS:
        items = low.get(name)
        if isinstance(items, list) and any(isinstance(item, dict) for item in items):
            return items
    for name in _WRAPPERS:
        inner = _decoded(low.get(name))
        if isinstance(inner, dict) and inner:
            return dict(inner)
        if isinstance(inner, list) and name != "content":
            return inner
    return None


def only_article(body: Mapping[str, JsonValue]) -> dict[str, JsonValue] | list[JsonValue] | None:
    """Return the article under a name that we don't know, or all if nothing else is there."""
    articles = [
        dict(value)
        for name, value in body.items()
        if isinstance(value, dict) and name.lower() not in _NO_ARTICLES and _is_whole(value)
    ]
    if len(articles) == 1:
        return articles[0]
    if articles and len(articles) == len(body):
        return list(articles)
    (value,) = body.values() if len(body) == 1 else (None,)
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return value
    return dict(value) if isinstance(value, dict) else None


def _decoded(value: JsonValue) -> JsonValue:
    """Return a field's value; JSON that is a text, or base64 in Pub/Sub's ``data``, is read."""
    if not isinstance(value, str):
        return value
    text = value.lstrip()
    if text[:1] not in {"{", "["}:
        try:
            text = base64.b64decode(text, validate=True).decode()
        except ValueError:
            return None
    try:
        inner = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(inner, dict | list):
        return None
    cut_depth(inner)
    return inner


def _refuse_by_name(body: dict[str, JsonValue]) -> None:
    for keys, name, remedy in _ENVELOPES:
        if body.keys() >= keys:
            raise Invalid("value", f"is {name} without an article in it", remedy)
