"""Read bytes as a JSON value that is safe to keep: mended where that is safe, bounded in depth."""

import json
import math
import re
from contextlib import suppress
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
    (b"\xff\xfe", "UTF-16", "encode it as UTF-8"),
    (b"\xfe\xff", "UTF-16", "encode it as UTF-8"),
    (b"{\0", "UTF-16", "encode it as UTF-8"),
    (b"\0{", "UTF-16", "encode it as UTF-8"),
    (b"Obj\x01", "an Avro file", "send JSON"),
    (b"\xc3\x01", "a single Avro object", "use a JSON serializer"),
    (b"\x1f\x8b", "gzip", "let the Kafka producer compress instead (compression.type)"),
    (b"\x28\xb5\x2f\xfd", "zstd", "let the Kafka producer compress instead (compression.type)"),
    (b"\x04\x22\x4d\x18", "lz4", "let the Kafka producer compress instead (compression.type)"),
    (b"\xff\x06\0\0sNaPpY", "snappy",
     "let the Kafka producer compress instead (compression.type)"),
    (b"\xac\xed\0\5", "a serialized Java object", "use a JSON serializer"),
    (b"\x80\x04\x95", "a Python pickle", "use json.dumps"),
    (b"PAR1", "a Parquet file", "send JSON"),
    (b"<", "XML or HTML", "send the item as a JSON object"),
    (b"{'", "a Python dict's text", "use json.dumps instead of str"),
    (b"\x03\x05", "compressed by AWS Glue Schema Registry", "turn its compression off"),
    (b"\0", "Avro or Protobuf with Confluent Schema Registry framing",
     "use the registry's JSON serializer or JsonConverter"),
)  # fmt: skip
_SEPARATOR: Final = b"\x1e"
"""Begins each text of a JSON sequence (RFC 7464)."""
_TEXT: Final = frozenset(range(32, 256)) | {9, 10, 13}
_MAX_LINES: Final = 10_000
_SAMPLE_BYTES: Final = 256


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
    text = value.removeprefix(_BOM).strip(b"\0 \t\r\n" + _SEPARATOR)
    problem = "" if text == value else "has bytes around the JSON, which are skipped"
    for first, length in _FRAMES:
        if value[:1] == bytes([first]) and value[length : length + 1] in _OPENING:
            text = value[length:].rstrip(b"\0 \t\r\n")
            problem = "has the frame of a schema registry, which is skipped"
            break
    try:
        return orjson.loads(text), problem
    except orjson.JSONDecodeError:
        pass
    with suppress(ValueError, RecursionError):
        document = json.loads(
            text.decode(), parse_constant=lambda _: None, parse_int=_integer, strict=False
        )
        problem = "holds NaN, infinities or broken characters, left out"
        return _clean(document, MAX_DEPTH), problem
    if (documents := objects_in_lines(text)) is not None:
        return documents, "holds one article a line"
    raise refusal_by_name(value, error)


def objects_in_lines(text: bytes) -> JsonValue:
    """Return the objects of a text with one a line; None if it is something else."""
    lines = [stripped for line in text.split(b"\n") if (stripped := line.strip(b"\r \t\x1e"))]
    if not 1 < len(lines) <= _MAX_LINES or not all(line.startswith(b"{") for line in lines):
        return None
    try:
        return [orjson.loads(line) for line in lines]
    except orjson.JSONDecodeError:
        return None


def refusal_by_name(value: bytes, error: orjson.JSONDecodeError) -> Undecodable:
    """Return the refusal of a value that is no JSON, by its name if that is known."""
    for magic, name, remedy in _FORMATS:
        if value.startswith(magic):
            return Undecodable(
                "value", f"is {name}, not {'UTF-8' if name == 'UTF-16' else 'JSON'}", remedy
            )
    is_utf8 = True
    try:
        value.decode()
    except UnicodeDecodeError:
        is_utf8 = False
    if not is_utf8 and value.lstrip()[:1] in _OPENING:
        return Undecodable("value", "is not UTF-8", "encode the JSON as UTF-8")
    if not is_utf8 or not _TEXT.issuperset(value[:_SAMPLE_BYTES]):
        problem = "is binary (Avro, Protobuf or MessagePack?), not JSON"
        return Undecodable("value", problem, "use a JSON serializer or JsonConverter")
    if not value.strip():
        return Undecodable("value", "is empty", "send one JSON object")
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
