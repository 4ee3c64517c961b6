"""Texts for a command: arguments, or JSON lines on standard input."""

from collections.abc import Iterator, Sequence
from io import BufferedReader
from typing import Final, NamedTuple

import orjson

from nlp.normalise import says_something

READ_BYTES: Final = 1 << 17
"""Bytes read from standard input at once, at most."""
MAX_LINE_BYTES: Final = 1 << 24
"""A longer line is refused, and not held in memory."""
MAX_BLOCK_TEXTS: Final = 512

_EXPECTED: Final = 'write {"text": "…"} or {"headline": "…", "body": "…"}'


class TextInput(NamedTuple):
    """A text to predict.

    Attributes:
        position: its position in the input, such as ``line 3``.
        text: the whole text, as a model reads it.
        headline: the text's headline, or the whole text if it has no parts.
        body: the rest of the text.
        language: the language that the sender says, or nothing.
    """

    position: str
    text: str
    headline: str
    body: str = ""
    language: str = ""


class RefusedInput(NamedTuple):
    """A position in the input without a text to predict; ``problem`` says where and why."""

    problem: str


def from_arguments(texts: Sequence[str]) -> list[TextInput | RefusedInput]:
    """Return the texts of a command line."""
    return [_parse_text(text, f"text {number}") for number, text in enumerate(texts, 1)]


def from_lines(
    stream: BufferedReader, max_texts: int = MAX_BLOCK_TEXTS
) -> Iterator[list[TextInput | RefusedInput]]:
    """Yield the texts in the lines of ``stream``, in blocks of at most ``max_texts``.

    A block ends where the writer pauses, so that an answer does not wait for the next question.
    Every line has its place in the result, blank and broken ones, too.
    """
    number = 0
    for lines in _complete_lines(stream):
        for start in range(0, len(lines), max_texts):
            block = lines[start : start + max_texts]
            yield [_parse_line(line, f"line {number + n}") for n, line in enumerate(block, 1)]
            number += len(block)


def _complete_lines(stream: BufferedReader) -> Iterator[list[bytes | None]]:
    """Yield the lines that each read completes; None stands for a line that is too long."""
    pieces, size = [b""], 0  # of the line that is not complete yet
    while chunk := stream.read1(READ_BYTES):
        *completed, last = chunk.split(b"\n")
        if completed:
            fits = size + len(completed[0]) <= MAX_LINE_BYTES
            yield [b"".join([*pieces, completed[0]]) if fits else None, *completed[1:]]
            pieces, size = [], 0
        size += len(last)
        pieces = [*pieces, last] if size <= MAX_LINE_BYTES else []
    if size:
        yield [b"".join(pieces) if size <= MAX_LINE_BYTES else None]


def _parse_line(line: bytes | None, position: str) -> TextInput | RefusedInput:
    if line is None:
        limit = MAX_LINE_BYTES >> 20
        return RefusedInput(f"{position}: is longer than {limit} MiB: send the article's beginning")
    try:
        fields = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        is_blank = not line.strip()
        problem = "is blank" if is_blank else f"is not JSON: {error.msg} at column {error.colno}"
        return RefusedInput(f"{position}: {problem}: {_EXPECTED}")
    if not isinstance(fields, dict):
        return RefusedInput(f"{position}: is JSON, but not an object: {_EXPECTED}")

    name = next((name for name in ("text", "headline") if name in fields), None)
    if name is None:
        return RefusedInput(f"{position}: has neither text nor headline: {_EXPECTED}")
    text, body, language = fields[name], fields.get("body") or "", fields.get("language") or ""
    for field, value in ((name, text), ("body", body), ("language", language)):
        if not isinstance(value, str):
            return RefusedInput(f"{position}: {field} is not a string: {_EXPECTED}")
    return _parse_text(text, position, body if name == "headline" else "", language)


def _parse_text(
    text: str, position: str, body: str = "", language: str = ""
) -> TextInput | RefusedInput:
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes of a command line that are not UTF-8 are lone surrogates
        return RefusedInput(f"{position}: is not UTF-8")
    if not says_something(text):
        return RefusedInput(f"{position}: is empty: there is nothing to predict")
    return TextInput(position, f"{text}. {body}" if body else text, text, body, language)
