"""Encodings of input files: whatever they are written in is read as UTF-8."""

import codecs
import io
from io import BufferedReader
from typing import Final

from infra.usage_error import UsageError

UTF_8_BOM: Final = b"\xef\xbb\xbf"
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, the longer ones first: that of UTF-32-LE begins with that of UTF-16-LE."""
_SAMPLE_BYTES: Final = 64
_READ_BYTES: Final = 1 << 16


class _Recoded(io.RawIOBase):
    """The text of ``stream`` in UTF-8; each return of an old Mac becomes the end of a line."""

    def __init__(self, stream: BufferedReader, encoding: str, *, returns_end_lines: bool) -> None:
        self._stream = stream
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._decoder = (
            io.IncrementalNewlineDecoder(decoder, translate=True) if returns_end_lines else decoder
        )
        self._waiting = b""

    def readable(self) -> bool:
        """Return that the stream can be read."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as one read of the stream goes."""
        while not self._waiting:
            chunk = self._stream.read1(_READ_BYTES)
            text = self._decoder.decode(chunk, final=not chunk)
            self._waiting = text.encode("utf-8", "replace")
            if not chunk:
                break
        taken = self._waiting[: len(buffer)]
        self._waiting = self._waiting[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def as_utf8(stream: BufferedReader, encoding: str = "") -> BufferedReader:
    """Return ``stream`` in UTF-8: from ``encoding``, or from what its first bytes tell.

    Byte order marks tell UTF-16 and UTF-32, and so do the NULs of UTF-16 without a mark.

    Raises:
        UsageError: There is no such encoding.
    """
    start = stream.peek(_SAMPLE_BYTES)
    name = encoding or recognised(start[:_SAMPLE_BYTES])
    try:
        name = codecs.lookup(name).name
    except LookupError:
        raise UsageError(f"--encoding: there is none called {name!r}; try cp1252") from None
    is_old_mac = b"\r" in start[:-1] and b"\n" not in start
    if name == "utf-8" and not is_old_mac:
        return stream
    recoded = _Recoded(stream, name, returns_end_lines=is_old_mac)
    return BufferedReader(recoded, _READ_BYTES)


def recognised(start: bytes) -> str:
    """Return the encoding of a file that begins with ``start``.

    >>> recognised("title".encode("utf-16-le"))
    'utf-16-le'
    """
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    low, high = start[::2], start[1::2]
    if len(high) > 1 and not any(high) and all(low[: len(high)]):
        return "utf-16-le"
    if len(high) > 1 and not any(low) and all(high):
        return "utf-16-be"
    return "utf-8"
