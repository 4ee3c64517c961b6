"""What connectors, brokers and APIs put around articles; opened, or refused by its name."""

import base64
from collections.abc import Callable, Mapping
from typing import Final

import orjson
from pydantic import JsonValue

from schemas.incoming.aliases import names_in
from schemas.incoming.json_value import cut_depth
from schemas.refusal import Invalid

_MAX_LEVELS: Final = 6
_WRAPPERS: Final = (
    "payload", "after", "fullDocument", "_source", "_airbyte_data", "detail", "attributes",
    "content", "article", "news", "item", "story", "document", "doc", "record", "event", "data",
    "value", "message", "Message", "response", "articles", "feed", "results", "result", "channel",
    "rss", "fields",
)  # fmt: skip
"""Fields that hold an article, or a list of them, in something that is none."""
_LISTS: Final = (
    "articles", "items", "item", "results", "feed", "entries", "news", "data", "docs", "documents",
    "stories", "records", "hits", "value", "payload", "response", "content", "artList",
)  # fmt: skip
_DELETIONS: Final = {"op": {"d", "t"}, "operationType": {"delete", "drop"}, "__op": {"d"},
                     "operation": {"delete"}}  # fmt: skip
_ENVELOPES: Final = (
    (frozenset({"schema", "payload"}), "Kafka Connect's JsonConverter", "set schemas.enable=false"),
    (frozenset({"before", "after"}), "a Debezium change event", "use ExtractNewRecordState"),
    (frozenset({"op", "ts_ms"}), "a Debezium change event", "use ExtractNewRecordState"),
    (frozenset({"detail-type", "detail"}), "an AWS EventBridge event", "send its detail"),
    (frozenset({"message", "subscription"}), "a Pub/Sub push message", "send its decoded data"),
    (frozenset({"fields", "tags", "timestamp"}), "a Telegraf metric", "send the article's object"),
)


def is_article(body: Mapping[str, JsonValue]) -> bool:
    """Return whether an object has a headline under a name that we know."""
    return "headline" in body or "title" in body or "headline" in names_in(body)


def check_not_deleted(body: Mapping[str, JsonValue]) -> None:
    """Check that a row of a database has not just been deleted.

    Raises:
        Invalid: it has, so that it is no news.
    """
    if body.get("__deleted") in (True, "true", "True") or body.get("__op") == "d":
        raise Invalid("__deleted", "marks a deleted row, which is no news", "drop deletions")


def opened(
    body: dict[str, JsonValue],
    has_own_headline: Callable[[dict[str, JsonValue]], bool] = lambda _: False,
) -> JsonValue:
    """Return the article or the list of articles in ``body``; itself if there is no envelope.

    ``has_own_headline`` knows an article by the names of a profile.

    Raises:
        Invalid: the envelope tells of a deletion, or has nothing in it.
    """
    for _ in range(_MAX_LEVELS):
        is_feed = str(body.get("version")).startswith("https://jsonfeed.org")
        if has_own_headline(body) or (is_article(body) and not is_feed):
            return body
        _check_operation(body)
        inner = _inner(body)
        if isinstance(inner, list):
            return inner
        if inner is None:
            _refuse_by_name(body)
            return body
        for name in ("id", "_id"):
            if name in body and name not in inner and isinstance(body[name], str | int):
                inner = {**inner, name: body[name]}
        if body.keys() >= {"fields", "tags", "timestamp"}:
            inner.setdefault("timestamp", body["timestamp"])
        body = inner
    return body


def _check_operation(body: Mapping[str, JsonValue]) -> None:
    for field, values in _DELETIONS.items():
        if isinstance(body.get(field), str) and body[field] in values and len(body) > 1:
            raise Invalid(field, "says that a row was deleted, which is no news", "drop it")


def _inner(body: dict[str, JsonValue]) -> dict[str, JsonValue] | list[JsonValue] | None:
    for name in _LISTS:
        items = body.get(name)
        if isinstance(items, list) and any(isinstance(item, dict) for item in items):
            return items
    for name in _WRAPPERS:
        inner = _decoded(body.get(name))
        if isinstance(inner, dict) and inner:
            return dict(inner)
        if isinstance(inner, list) and name != "content":
            return inner
    return None


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
