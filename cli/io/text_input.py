"""The texts that a command is asked about: arguments, or JSON lines on standard input."""

from collections.abc import Iterator, Sequence
from io import BufferedReader
from typing import Any, Final, NamedTuple

import orjson

from nlp.normalise import says_something

READ: Final = 1 << 17
LONGEST: Final = 1 << 24
"""Bytes of a line; more is not held in memory."""
BLOCK: Final = 512

_SHOW: Final = 'write {"text": "…"} or {"headline": "…", "body": "…"}'


class Asked(NamedTuple):
    """A text to be predicted, ``text``; where it stands, and its parts, as an article has them."""

    place: str
    text: str
    headline: str
    body: str = ""


class Refused(NamedTuple):
    """A place in the input with nothing that could be predicted."""

    problem: str


def arguments(texts: Sequence[str]) -> Iterator[list[Asked | Refused]]:
    """The texts of a command line, as one block."""
    yield [_of_text(text, f"text {number}") for number, text in enumerate(texts, 1)]


def lines(stream: BufferedReader, most: int = BLOCK) -> Iterator[list[Asked | Refused]]:
    """The texts in the lines of ``stream``, in blocks of ``most`` at most.

    A block ends where the writer pauses, so that an answer does not wait for the next question.
    Every line has its place, blank and broken ones, too.
    """
    number = 0
    for whole in _whole_lines(stream):
        for start in range(0, len(whole), most):
            block = whole[start : start + most]
            yield [_of_line(raw, f"line {number + n}") for n, raw in enumerate(block, 1)]
            number += len(block)


def _whole_lines(stream: BufferedReader) -> Iterator[list[bytes | None]]:
    """The lines that each read completes; None stands for one that is too long."""
    rest, size = [b""], 0
    while chunk := stream.read1(READ):
        *whole, last = chunk.split(b"\n")
        if whole:
            first = b"".join([*rest, whole[0]]) if size + len(whole[0]) <= LONGEST else None
            yield [first, *whole[1:]]
            rest, size = [], 0
        size += len(last)
        rest = [*rest, last] if size <= LONGEST else []
    if size:
        yield [b"".join(rest) if size <= LONGEST else None]


def _of_line(raw: bytes | None, place: str) -> Asked | Refused:
    if raw is None:
        return Refused(f"{place}: is longer than {LONGEST >> 20} MiB: send the article's beginning")
    try:
        fields = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        said = f"is not JSON: {error.msg} at column {error.colno}" if raw.strip() else "is blank"
        return Refused(f"{place}: {said}: {_SHOW}")
    if not isinstance(fields, dict):
        return Refused(f"{place}: is JSON, but not an object: {_SHOW}")
    return _of_fields(fields, place)


def _of_fields(fields: dict[str, Any], place: str) -> Asked | Refused:
    name = next((name for name in ("text", "headline") if name in fields), None)
    if name is None:
        return Refused(f"{place}: has neither text nor headline: {_SHOW}")
    text, body = fields[name], fields.get("body") or ""
    for field, value in ((name, text), ("body", body)):
        if not isinstance(value, str):
            return Refused(f"{place}: {field} is not a string: {_SHOW}")
    return _of_text(text, place, body if name == "headline" else "")


def _of_text(text: str, place: str, body: str = "") -> Asked | Refused:
    if _is_broken(text):
        return Refused(f"{place}: is not UTF-8")
    if not says_something(text):
        return Refused(f"{place}: is empty: there is nothing to predict")
    return Asked(place, f"{text}. {body}" if body else text, text, body)


def _is_broken(text: str) -> bool:
    """Bytes that are no UTF-8 come out of a command line as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
