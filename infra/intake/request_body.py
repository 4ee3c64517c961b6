"""Bodies of requests: one article, an array, or lines of JSON."""

from typing import Final

import orjson

SINGLE: Final = frozenset({"application/json", "text/json", "application/cloudevents+json"})
LINES: Final = frozenset({"application/x-ndjson", "application/jsonl", "application/x-jsonlines"})


class BadBody(Exception):
    """The body as a whole can't be read; the text says why."""


def articles_in(body: bytes, media_type: str) -> list[bytes]:
    """Return the articles of a body, each as JSON or as the bytes that are none.

    Raises:
        BadBody: It is empty, or no JSON.
    """
    if media_type in LINES:
        articles = [line for line in body.splitlines() if line.strip()]
    else:
        try:
            content = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadBody(
                f"the body is not JSON: {error}; send one object, an array of objects, or lines "
                "of JSON as application/x-ndjson"
            ) from None
        articles = [orjson.dumps(item) for item in content] if isinstance(content, list) else [body]
    if not articles:
        raise BadBody("the body holds no article; send at least one")
    return articles
