"""Read bytes as a JSON value that is safe to keep: mended where that is safe, bounded in depth."""

import json
import math
import re
from typing import Any, Final

import orjson
from pydantic import JsonValue

from schemas.incoming.limits import MAX_DEPTH
from schemas.refusal import Undecodable

_BOM: Final = b"\xef\xbb\xbf"
_OPENING: Final = (b"{", b"[")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
TOO_DEEP: Final = f"nests deeper than {MAX_DEPTH} levels; what is deeper is left out"
_MAX_INTEGER: Final = (1 << 64) - 1
_MIN_INTEGER: Final = -(1 << 63)
_MAX_INTEGER_DIGITS: Final = 400
_MAX_FLOAT_DIGITS: Final = 300
_FRAMES: Final = ((0, 5), (0, 9), (3, 18))
"""First byte and length of what schema registries put before JSON: Confluent, Apicurio, Glue."""
_FORMATS: Final = (
    (b"Obj\x01", "an Avro file", "send JSON"),
    (b"\xc3\x01", "a single Avro object", "use a JSON serializer"),
    (b"\x1f\x8b", "gzip", "let the Kafka producer compress instead (compression.type)"),
    (b"<", "XML or HTML", "send the item as a JSON object"),
    (b"\x00\x00", "Avro or Protobuf with Confluent Schema Registry framing",
     "use the registry's JSON serializer or JsonConverter"),
)  # fmt: skip


def parse(value: bytes) -> tuple[JsonValue, str]:
    """Return one JSON value (RFC 8259), and what had to be mended to read it; empty if nothing.

    A byte order mark, trailing NULs and the frame of a schema registry are skipped. NaN and
    infinities become null, lone surrogates U+FFFD. A text that holds JSON is read once more.
    Integers beyond 64 bits are read as floats, so no identity may rest on one. What nests deeper
    than `MAX_DEPTH` becomes null.

    Raises:
        Undecodable: the bytes are not UTF-8 or not JSON, or nest deeper than a parser reads.
    """
    mended = ""
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        document, mended = _mended(value, error)
    if isinstance(document, str) and document.lstrip()[:1] in {"{", "["}:
        inner, problem = parse(document.encode())
        return inner, problem or "is JSON in a JSON text"
    # Brackets in texts count as well: only a record with many needs a closer look.
    if value.count(b"{") + value.count(b"[") > MAX_DEPTH and cut_depth(document):
        mended = mended or TOO_DEEP
    return document, mended


def cut_depth(document: JsonValue) -> bool:
    """Set what nests deeper than `MAX_DEPTH` levels in a value to null; return whether any did."""
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(MAX_DEPTH - 1):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    is_cut = False
    for node in level:
        entries: Any = node
        for place, child in list(node.items() if isinstance(node, dict) else enumerate(node)):
            if isinstance(child, dict | list):
                entries[place] = None
                is_cut = True
    return is_cut


def _mended(value: bytes, error: orjson.JSONDecodeError) -> tuple[JsonValue, str]:
    text = value.removeprefix(_BOM).rstrip(b"\0 \t\r\n")
    problem = "" if text == value else "has bytes around the JSON, which are skipped"
    for first, length in _FRAMES:
        if text[:1] == bytes([first]) and text[length : length + 1] in _OPENING:
            text, problem = text[length:], "has the frame of a schema registry, which is skipped"
            break
    for magic, name, remedy in _FORMATS:
        if text.startswith(magic):
            raise Undecodable("value", f"is {name}, not JSON", remedy)
    try:
        return orjson.loads(text), problem
    except orjson.JSONDecodeError:
        pass
    try:
        document = json.loads(text.decode(), parse_constant=lambda _: None, parse_int=_integer)
    except (ValueError, RecursionError):
        raise _not_json(error) from None
    return _clean(document, MAX_DEPTH), "holds NaN, infinities or broken characters, left out"


def _not_json(error: orjson.JSONDecodeError) -> Undecodable:
    return Undecodable("value", f"is not JSON: {error}", "send one UTF-8 JSON object")


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _MAX_INTEGER_DIGITS else math.inf


def _clean(node: Any, depth: int) -> JsonValue:
    """Return a value without what JSON can't hold."""
    if isinstance(node, str):
        return _SURROGATE.sub("\ufffd", node)
    if isinstance(node, float):
        return node if math.isfinite(node) else None
    if isinstance(node, int) and not _MIN_INTEGER <= node <= _MAX_INTEGER:
        return _clean(float(node) if len(str(abs(node))) <= _MAX_FLOAT_DIGITS else math.inf, depth)
    if depth and isinstance(node, list):
        return [_clean(child, depth - 1) for child in node]
    if depth and isinstance(node, dict):
        return {str(_clean(name, 0)): _clean(child, depth - 1) for name, child in node.items()}
    return None if isinstance(node, dict | list) else node
