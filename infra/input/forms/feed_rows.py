"""Articles of RSS (0.91 to 2.0) and Atom feeds.

Each item is parsed by itself, so that a broken one costs no other and memory is bounded. A document
type, the only place in which entities can be declared, is never read: no entity can expand to more
than the character that HTML knows by its name.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from typing import Final

from infra.input.encoding import as_utf8
from infra.input.forms.feed_items import read_channel, read_item
from infra.input.forms.rows import MAX_ROW_BYTES, Broken, Row
from infra.usage_error import UsageError

_READ_BYTES: Final = 1 << 16
_ENCODING: Final = re.compile(rb"<\?xml[^>]*encoding=[\"']([\w.-]+)")
_WIDE: Final = ("utf-16", "utf-32", "ucs-")
_SUPERSETS: Final = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252"}
"""Encodings that are declared to what is meant, as the WHATWG's standard has it."""
_BEGIN: Final = re.compile(rb"<((?:[\w.-]+:)?(?:item|entry))(?=[\s/>])", re.IGNORECASE)
_FEED: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)


def feed_rows(stream: BufferedReader) -> Iterator[Row | Broken]:
    """Yield the items of a feed as the fields that producers send."""
    declared = _ENCODING.search(stream.peek(256))
    encoding = declared[1].decode().lower() if declared else ""
    if not encoding.startswith(_WIDE):  # its byte order mark was recognised before
        with suppress(UsageError):  # an encoding that nobody knows: UTF-8 is the best guess
            stream = as_utf8(stream, _SUPERSETS.get(encoding, encoding))
    items = split_items(stream)
    line, head = next(items)
    channel, any_item = read_channel(head), False
    for number, text in items:
        any_item = True
        yield read_item(number, text, channel)
    if not any_item and not _FEED.search(head):
        yield Broken(line, "is neither RSS nor Atom: it has no item and no entry")


def split_items(stream: BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Yield line and text of what is before the first item, then of each item."""
    buffer, line, is_head = b"", 1, True
    while True:
        chunk = stream.read1(_READ_BYTES)
        buffer += chunk
        while begin := _BEGIN.search(buffer):
            if is_head:
                yield line, buffer[: begin.start()]
                is_head = False
            end = item_end(buffer, begin)
            if end is None and chunk and len(buffer) - begin.start() < MAX_ROW_BYTES:
                break
            end = end or len(buffer)
            line += buffer.count(b"\n", 0, begin.start())
            yield line, buffer[begin.start() : end]
            line += buffer.count(b"\n", begin.start(), end)
            buffer = buffer[end:]
        if not chunk or (is_head and len(buffer) > MAX_ROW_BYTES):
            if is_head:
                yield line, buffer
            return


def item_end(buffer: bytes, begin: "re.Match[bytes]") -> int | None:
    """Return the end of the item that begins there: its end tag, else the next item."""
    tag_end = buffer.find(b">", begin.end())
    if tag_end > 0 and buffer[tag_end - 1 : tag_end] == b"/":
        return tag_end + 1
    end = buffer.find(b"</" + begin[1] + b">", begin.end())
    if end >= 0:
        return end + len(begin[1]) + 3
    following = _BEGIN.search(buffer, begin.end())
    return following.start() if following else None
