"""All that reads bytes of strangers: producers, senders over HTTP, feeds, files, tokens.

Each target may raise the errors that its reader documents, and no other. What reads our own topics
(memory, positions, layout) is not here: whoever may write there has the rights of a worker.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final, NamedTuple

import orjson
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from hypothesis import strategies as st
from pydantic import SecretStr

from agents.retry_after import retry_after
from infra.feeds.document import read_document
from infra.feeds.fetching import FetchFailed, shown
from infra.http.access import has_token, names_this_machine
from infra.input.options import InputOptions
from infra.input.tables import inspect
from infra.intake.request_body import LINES, BadBody, articles_in
from infra.masking import mask
from infra.privacy.personal_data import mask_personal
from infra.settings.model import SettingsError, load
from infra.usage_error import UsageError
from nlp.companies.table import BadTable, parse
from schemas.alert import Alert
from schemas.article import Article
from schemas.dead_letter import DeadLetter, original_headers
from schemas.feedback import Feedback
from schemas.incoming.profiles.profile import BadProfile, parsed
from schemas.incoming.reading import read_record
from schemas.incoming.urls import host_of, page_of
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.batches.batch_content import BrokenBatch, decode_batch
from streams.batches.raw_batches import parse_batches
from streams.core.letter_mask import Content, masked
from tests.schemas.test_total import ARTICLES, ENVELOPES, HEADERS, JSON

_LENGTH_AT: Final = 8
_CRC_END: Final = 21
RSS: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Wire</title><ttl>5'
    b"</ttl><item><title>Acme &amp; Co</title><link>https://a.example/1</link><guid>1</guid>"
    b"<pubDate>Tue, 03 Mar 2026 09:30:00 GMT</pubDate><category domain='x/stock'>ACME</category>"
    b"</item></channel></rss>"
)
ATOM: Final = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='html'>&lt;b&gt;Acme</title>"
    b"<id>1</id><updated>2026-03-03T09:30:00Z</updated><link rel='alternate' href='x'/></entry>"
    b"</feed>"
)
JSON_FEED: Final = (
    b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"A"}]}'
)
CSV: Final = b'headline;published;tickers\n"Acme; falls";2026-03-03;"A,B"\nAcme up;04.03.2026;A\n'
ROWS: Final = b'{"headline":"Acme","published":"2026-03-03"}\n[{"title":"B","date":1}]\n'
PROFILE: Final = b'names = {headline = ["t"]}\nzone = "America/New_York"\nsymbol = "^R:(.+)$"\n'
CONFIG: Final = b'[kafka]\npassword = "x"\nprefix = "a."\n[detect]\nfor = "2h"\nsilenced = ["a"]\n'
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
COMPANIES: Final = b"ticker,name,aliases\nACME,Acme Corp,Acme|Acme Inc\n"


def batch_of(value: bytes) -> bytes:
    """Return a record batch as a broker sends it (KIP-98), with a header."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 16)
    builder.append(0, 1_700_000_000_000, b"key", value, [("ce_id", b"1")])
    return bytes(builder.build())


def mutated(*seeds: bytes) -> st.SearchStrategy[bytes]:
    """Return a strategy for the seeds, cut, doubled, and with pieces replaced by others."""

    def change(seed: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
        for begin, length, piece in edits:
            at = begin % (len(seed) + 1)
            seed = seed[:at] + piece + seed[at + length :]
        return seed

    odd = [b"<", b"&#x0;", b"]]>", b"\xff\xfe", b'"', b"\\u0000", b"[[[[", b"\n", b"1e999", b"-1"]
    pieces = st.binary(max_size=6) | st.sampled_from(odd)
    edit = st.tuples(st.integers(0, 10_000), st.integers(0, 40), pieces)
    changed = st.builds(change, st.sampled_from(seeds), st.lists(edit, max_size=6))
    return changed | st.binary(max_size=200)


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)


def read_wires(value: bytes) -> None:
    """Read a record of our own topics as each kind; each may refuse it."""
    for kind in (Article, ScoredArticle, Signal, Alert, Feedback):
        try:
            kind.from_bytes(value)
        except Refusal as refusal:
            str(refusal)


def read_raw(value_and_headers: tuple[bytes, list[tuple[str, bytes]]]) -> None:
    """Read a raw record, and what a dead letter of it would say."""
    value, headers = value_and_headers
    for result in read_record(value, headers):
        str(result)
    DeadLetter.from_headers(headers).to_headers()
    original_headers(headers)
    masked(Content(value, value, headers), mask_personal)


def read_feed(body: bytes) -> None:
    """Read a document that a server sent."""
    for charset in ("", "latin-1"):
        read_document(body, charset)


def read_body(body: bytes) -> None:
    """Read the body of a request in each of its forms."""
    articles_in(body, next(iter(LINES)))
    articles_in(body, "application/json")


def read_batches(data: bytes) -> None:
    """Read what a broker sent; length and checksum are right, or all behind them is passed over."""
    for _ in parse_batches(data):
        pass
    sealed = bytearray(data.ljust(_CRC_END, b"\0"))
    struct.pack_into(">i", sealed, _LENGTH_AT, len(sealed) - _LENGTH_AT - 4)
    struct.pack_into(">I", sealed, _CRC_END - 4, calc_crc32c(bytes(sealed[_CRC_END:])))
    for batch in parse_batches(bytes(sealed)):
        try:
            decode_batch("topic", 0, batch, {})
        except BrokenBatch as broken:
            str(broken)


def read_file(content: bytes) -> None:
    """Read a file of articles, whatever its form."""
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with inspect(file.name, InputOptions()) as inspected:
            for row in inspected.rows():
                str(row)


def read_config(content: bytes) -> None:
    """Read a file of settings."""
    with NamedTemporaryFile(suffix=".toml") as file:
        file.write(content)
        file.flush()
        load(Path(file.name), {})


def read_request(text: bytes) -> None:
    """Read headers and addresses of a request or of an answer."""
    header = text.decode("latin-1")
    has_token(text.decode("utf-8", "surrogateescape"), SecretStr("x"))
    names_this_machine(header)
    retry_after(header, NOW)
    for address in (header, f"https://{header}", f"https://a.example/{header}"):
        shown(address)
        host_of(address)
        page_of(address)


def read_words(text: bytes) -> None:
    """Read words of strangers on their way into a log."""
    words = text.decode("utf-8", "replace")
    once = mask_personal(mask(words))
    assert mask(once, "") == once


class Target(NamedTuple):
    """One reader.

    Attributes:
        inputs: The strategy of its inputs.
        read: The reader.
        errors: The errors that it may raise.
    """

    inputs: st.SearchStrategy[Any]
    read: Callable[[Any], object]
    errors: tuple[type[Exception], ...] = ()

    def check(self, value: Any) -> None:
        """Read a value; an error that the reader may raise must have words."""
        try:
            self.read(value)
        except self.errors as error:
            str(error)


_VALUES = (ARTICLES | ENVELOPES | JSON).map(_dumps)
_GOOD = _dumps({"headline": "Acme", "published": "2026-03-03T00:00:00Z", "tickers": ["A"]})
TARGETS: Final[Mapping[str, Target]] = {
    "raw": Target(st.tuples(_VALUES | mutated(_GOOD, ROWS), HEADERS), read_raw),
    "wires": Target(_VALUES | mutated(_GOOD), read_wires),
    "feed": Target(mutated(RSS, ATOM, JSON_FEED), read_feed, (FetchFailed,)),
    "body": Target(mutated(_GOOD, ROWS), read_body, (BadBody,)),
    "batches": Target(mutated(batch_of(b"news")), read_batches),
    "file": Target(mutated(CSV, ROWS, RSS, JSON_FEED), read_file, (UsageError, OSError)),
    "config": Target(mutated(CONFIG), read_config, (SettingsError,)),
    "profile": Target(
        mutated(PROFILE), lambda text: parsed("own", text.decode("utf-8", "replace")), (BadProfile,)
    ),
    "companies": Target(
        mutated(COMPANIES), lambda text: parse(text.decode("utf-8", "replace"), "own"), (BadTable,)
    ),
    "request": Target(mutated(b"120", b"localhost:80", b"a?token=x&b=1", b"[::1]:9"), read_request),
    "words": Target(mutated(b"Bearer abc123", b"jane@a.example +44 20 7946 0018"), read_words),
}
