"""Read bytes as a JSON object that is safe to keep: strict, and bounded in depth."""

from typing import Final

import orjson
from pydantic import JsonValue

from schemas.refusal import Invalid, Undecodable

MAX_DEPTH: Final = 64
"""Levels of objects and lists. orjson reads 1 024, but others must read what we pass on."""


def parse(value: bytes) -> dict[str, JsonValue]:
    """Read one JSON object (RFC 8259).

    orjson refuses NaN, infinities, lone surrogates and numbers beyond the range of double
    precision. It reads integers beyond 64 bits as floats, so no identity may rest on one.

    Raises:
        Undecodable: the bytes are not UTF-8, not JSON, or nest deeper than `MAX_DEPTH`.
        Invalid: the document is not an object.
    """
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Undecodable("value", f"is not JSON: {error}", "send one UTF-8 JSON object") from None
    if not isinstance(body, dict):
        raise Invalid("value", f"is {type(body).__name__}, not an object", "send one JSON object")

    level: list[dict[str, JsonValue] | list[JsonValue]] = [body]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return body
    raise Undecodable("value", f"nests deeper than {MAX_DEPTH} levels", "flatten it")
