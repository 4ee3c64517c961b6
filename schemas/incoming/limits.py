"""Bounds of what a record may hold."""

from datetime import timedelta
from typing import Final

MAX_BYTES: Final = 1_000_000
"""Below the 1 048 588 bytes a broker takes by default, with room for scores and headers."""
MAX_ADDED_BYTES: Final = 8_192
"""Room for the fields that we or the headers add, so that a full record is not refused for them."""
MAX_HEADLINE_CHARACTERS: Final = 4096
MAX_NAME_CHARACTERS: Final = 500
MAX_ITEMS: Final = 1_000
"""Articles that one record may hold in an array."""
MAX_DEPTH: Final = 64
"""Levels of objects and lists. orjson reads 1 024, but others must read what we pass on."""
MAX_TICKER_CHARACTERS: Final = 64
MAX_TICKERS: Final = 256
"""Each company makes a signal that repeats the headline, so one article must not name thousands."""
MAX_HEADERS: Final = 200
"""Headers of a record. Tracing, CloudEvents and Connect together need some thirty."""
MAX_HEADER_BYTES: Final = 64 << 10
"""Bytes of the names and values of a record's headers together."""
MAX_AHEAD: Final = timedelta(days=1)
"""Time by which news may be dated after it was sent; what is dated later is marked."""
MAX_GROWTH_FACTOR: Final = 8
"""An article's JSON is never longer than this many times the record it came from."""
