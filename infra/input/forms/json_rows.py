"""Rows of JSON files: one object a line, or documents of any layout.

A document is an array of articles, articles one after the other, or an answer of a web service:
an object that holds the list of its articles.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import Any, Final

import orjson

from infra.input.encoding import UTF_8_BOM
from infra.input.forms.rows import MAX_ROW_BYTES, Broken, Row

_READ_BYTES: Final = 1 << 20
_LONGEST_TOKEN: Final = 16
"""Characters; an error so near to the end of the text may come from its being cut there."""
_SEPARATORS: Final = re.compile(r"[\s,\[\]\x00]*")
_NEXT_OBJECT: Final = re.compile(r"\}\s*,?\s*(?=\{)|\n(?=\{)")
"""The end of an object that could not be read, before the next one."""
_MAX_LIST_DEPTH: Final = 3
"""Objects around the list of articles in an answer, such as ``response.results``."""
_LISTS: Final = ("articles", "news", "results", "items", "data", "feed", "stories", "docs")
"""Names of the list of articles in the answers of web services."""
_WRAPPERS: Final = ("response", "articles", "data", "result", "news")
"""Names of objects around that list."""
_LIST_BEGIN: Final = re.compile(
    r'\{[^\[]{0,4096}?"(?:%s)"\s*:\s*\[(?=\s*\{)' % "|".join(_LISTS)  # noqa: UP031 - it has braces
)
"""The beginning of an answer, up to its first article."""
_DECODER: Final = json.JSONDecoder()


def jsonl(lines: Iterable[bytes | None]) -> Iterator[Row | Broken]:
    """Yield a row for each object in a line that is not blank.

    A line holds one object, or an array of objects, or an object around a list of articles.
    """
    for number, line in enumerate(lines, 1):
        if line is None:
            yield Broken(number, f"is longer than {MAX_ROW_BYTES >> 20} MiB")
            continue
        raw = (line.removeprefix(UTF_8_BOM) if number == 1 else line).strip(b" \t\r\n\0")
        if not raw:
            continue
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            yield read_leniently(number, raw, error)
            continue
        yield from rows_of(number, value, raw)


def documents(stream: BufferedReader) -> Iterator[Row | Broken]:
    """Yield the articles of a document, read as they are asked for."""
    document = _Document(stream)
    while document.skip_separators():
        line = document.line
        value, raw, problem = document.next_value()
        if problem:
            yield Broken(line, problem)
        elif raw:
            yield from rows_of(line, value, raw)
    if document.open_arrays > 0:
        yield Broken(document.line, "ends before its array does: the file is cut off")


class _Document:
    """A text of JSON values, of which a part is in memory.

    Attributes:
        line: The number of the line at which reading stands.
        open_arrays: Brackets that were opened and not closed between the values.
    """

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._decode = getincrementaldecoder("utf-8")("surrogateescape").decode
        self._text, self._at, self._ended, self._is_answer = "", 0, False, False
        self.line, self.open_arrays = 1, 0

    def skip_separators(self) -> bool:
        """Go to the next value; return whether there is one."""
        while True:
            separators = _SEPARATORS.match(self._text, self._at)
            if separators and separators[0]:
                self.open_arrays += separators[0].count("[") - separators[0].count("]")
                self._advance(separators.end())
                if self._is_answer and self.open_arrays <= 0:
                    return False
            if self._at < len(self._text):
                return True
            if not self._read():
                return False

    def next_value(self) -> tuple[Any, bytes, str]:
        """Return the next value and its bytes, or what is wrong with it; go behind it."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._may_be_cut(error) and self._read():
                    continue
                problem = f"is not JSON: {error.msg} at column {error.colno}"
            except RecursionError:
                problem = "is not JSON that can be read: it nests too deeply"
            else:
                raw = self._text[self._at : end].encode("utf-8", "surrogateescape")
                self._advance(end)
                return value, raw, ""
            if self._enter_list():
                return None, b"", ""
            following = _NEXT_OBJECT.search(self._text, self._at)
            self._advance(following.end() if following else len(self._text))
            return None, b"", problem

    def _enter_list(self) -> bool:
        """Go into the list of an answer that can't be read as a whole; return whether it has one.

        What follows the list is no article.
        """
        begin = None if self.open_arrays else _LIST_BEGIN.match(self._text, self._at)
        if begin is None:
            return False
        self._advance(begin.end())
        self.open_arrays, self._is_answer = 1, True
        return True

    def _advance(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        is_at_end = error.pos >= len(self._text) - _LONGEST_TOKEN
        return is_at_end or error.msg.startswith("Unterminated")

    def _read(self) -> bool:
        """Read on, as much again as there is of the value; return whether there was anything."""
        rest = self._text[self._at :]
        if self._ended or len(rest) > MAX_ROW_BYTES:
            return False
        chunk = self._stream.read(max(_READ_BYTES, len(rest)))
        self._ended = not chunk
        self._text, self._at = rest + self._decode(chunk, self._ended).lstrip("\ufeff"), 0
        return not self._ended


def rows_of(line: int, value: Any, raw: bytes) -> Iterator[Row | Broken]:
    """Yield the articles that a JSON value holds; ``raw`` is its text."""
    if isinstance(value, dict):
        articles, source = listed_articles(value)
        if articles is None:
            yield Row(line, value, raw)
            return
    elif isinstance(value, list):
        articles, source = value, None
    else:
        yield Broken(line, "is JSON, but not an object")
        return
    for article in articles:
        if not isinstance(article, dict):
            yield Broken(line, "is JSON, but not an object")
            continue
        if source and not article.get("source"):
            article["source"] = source
        yield Row(line, article, orjson.dumps(article))


def read_leniently(number: int, raw: bytes, error: orjson.JSONDecodeError) -> Row | Broken:
    """Read a line that orjson refuses, but that others write: with NaN."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return Broken(number, f"is not JSON: {error.msg} at column {error.colno}")
    if isinstance(value, dict):
        return Row(number, value, raw)
    return Broken(number, "is JSON, but not an object")


def listed_articles(answer: dict[str, Any]) -> tuple[list[Any] | None, Any]:
    """Return the list of articles that an answer is wrapped around, and the feed's title.

    A list is one of articles if it holds an object; an article with a headline is no answer, but
    a JSON Feed has a title.
    """
    node: Any = answer
    for _ in range(_MAX_LIST_DEPTH):
        is_feed = "jsonfeed.org" in str(node.get("version", ""))
        if "headline" in node or ("title" in node and not is_feed):
            return None, None
        for name in _LISTS:
            items = node.get(name)
            if isinstance(items, list) and any(isinstance(item, dict) for item in items):
                return items, node.get("title")
        node = next((node[name] for name in _WRAPPERS if isinstance(node.get(name), dict)), None)
        if node is None:
            break
    return None, None
