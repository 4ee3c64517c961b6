"""Laws of reading CSV files: no row vanishes, whatever it holds."""

import csv
import io
import json
import re
import tempfile
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from infra.input.messages import InputMessage, read_messages
from infra.input.options import Form, parse_options

pytestmark = pytest.mark.property

CELL = st.text(
    st.one_of(
        st.sampled_from("\"',;|\t\n\r\\ ab1-/"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=20,
).map(lambda text: text.replace("\r", "\r\n"))
"""Texts without a return alone, which `csv.writer` does not quote although it ends a line."""
DATE = st.dates().map(str)
ROWS = st.lists(st.tuples(CELL, DATE, CELL), min_size=1, max_size=12)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
    }
)
HEADER = ("headline", "published", "summary")


def read(content: bytes) -> list[InputMessage]:
    """Return the messages of a CSV file with this content."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "news.csv"
        file.write_bytes(content)
        return list(read_messages([str(file)], parse_options()))


@settings(max_examples=150, deadline=None)
@given(ROWS, DIALECTS)
@example(
    [("", "2000-01-01", "")] * 9 + [("", "2000-01-01", "\\"), ("\x1e0", "2000-01-01", "")],
    {"delimiter": ",", "quoting": csv.QUOTE_ALL, "lineterminator": "\n"},
)
@example(
    [("", "2000-01-01", "")] * 3 + [("", "2000-01-01", '"\\')],
    {"delimiter": ",", "quoting": csv.QUOTE_MINIMAL, "lineterminator": "\n"},
)
@example(
    [("", "2000-01-01", "")] * 3 + [("", "2000-01-01", 'a"\\')],
    {"delimiter": ",", "quoting": csv.QUOTE_MINIMAL, "lineterminator": "\n"},
)
def test_every_written_row_is_read_back(
    rows: list[tuple[str, ...]], dialect: dict[str, Any]
) -> None:
    """A headline with a quote, a delimiter or a line break would come out as another one."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, **dialect)
    writer.writerows([HEADER, *rows])
    messages = read(text.getvalue().encode())
    assert [message.problem for message in messages] == [None] * len(rows)
    assert [tuple(json.loads(message.value)[name] for name in HEADER) for message in messages] == [
        tuple(row) for row in rows
    ]


@settings(max_examples=150, deadline=None)
@given(ROWS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE]))
def test_rows_with_escapes_are_read_back_or_named(
    rows: list[tuple[str, ...]], quoting: Literal[0, 1, 3]
) -> None:
    """Exports that write a backslash before a quote would give other headlines without a word."""
    clean = [tuple(re.sub(r"[\r\n\\]", "", cell) for cell in row) for row in rows]
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, doublequote=False, escapechar="\\", quoting=quoting, lineterminator="\n"
    )
    writer.writerows([HEADER, *clean])
    messages = read(text.getvalue().encode())
    assert len(messages) == len(clean)
    assert [message.line for message in messages] == list(range(2, 2 + len(clean)))
    for message, row in zip(messages, clean, strict=True):
        if not message.problem:
            fields = json.loads(message.value)
            assert tuple(fields[name] for name in HEADER) == row


WORDS = st.text("abc xyz", min_size=1, max_size=12).map(lambda text: f"N{text}")
LINES = st.tuples(WORDS, st.sampled_from(["plain", "quoted", "opened", "closed"]), DATE)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=30), st.booleans())
def test_a_row_that_opens_a_quote_swallows_no_other(
    lines: list[tuple[str, str, str]], ends_with_line: bool
) -> None:
    """A quote that nobody closes would take thousands of rows with it, without a word."""
    forms = {
        "plain": "{0},{1},s",
        "quoted": '"{0}, Inc",{1},"s"',
        "opened": '"{0},{1},s',
        "closed": '{0} 5",{1},s',
    }
    written = [forms[form].format(words, date) for words, form, date in lines]
    content = "\n".join([",".join(HEADER), *written]) + ("\n" if ends_with_line else "")
    messages = read(content.encode())
    assert [message.line for message in messages] == list(range(2, 2 + len(lines)))
    for message, (words, form, date) in zip(messages, lines, strict=True):
        if form == "opened":
            assert "opens a quote" in (message.problem or "")
            continue
        fields = json.loads(message.value)
        assert fields["headline"].startswith(words)
        assert fields["published"] == date


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["csv", "jsonl", "json", "feed"]))
def test_any_bytes_are_read_or_named(content: bytes, form: Form) -> None:
    """A file of another kind, or half of one, would end in a traceback."""
    assume(not content.startswith(b"\x1f\x8b"))  # half a gzip file ends the command in one line
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "news"
        file.write_bytes(b"headline,published\n" + content if form == "csv" else content)
        for message in read_messages([str(file)], parse_options(form=form)):
            assert message.value or message.problem
            assert message.line >= 1


def test_an_escaped_delimiter_parts_no_cells() -> None:
    """A headline with a comma would shift its date into the next column without a word."""
    rows = "headline,published,summary\n" + "Acme,2026-03-03,s\n" * 8 + "A\\, B,2026-03-03,\n"
    fields = json.loads(read(rows.encode())[-1].value)
    assert (fields["headline"], fields["published"]) == ("A, B", "2026-03-03")


def test_columns_are_known_by_the_parts_of_their_names() -> None:
    """A file with story_headline and publish_ts would have to be mapped by hand."""
    rows = b"story_headline,publish_ts (UTC),mentioned_tickers\nAcme,2026-03-03,ACME\n"
    (message,) = read(rows)
    fields = json.loads(message.value)
    assert (fields["headline"], fields["published"]) == ("Acme", "2026-03-03")
    assert fields["companies"] == "ACME"
