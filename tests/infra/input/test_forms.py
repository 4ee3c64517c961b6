"""Forms, encodings and dialects of input files, each recognised by itself."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from infra.input.messages import read_messages
from infra.input.options import parse_options


def read(folder: Path, name: str, content: bytes, **options: Any) -> list[Any]:
    """Return the fields of each row, or its line and problem."""
    file = folder / name
    file.write_bytes(content)
    return [
        (message.line, message.problem) if message.problem else json.loads(message.value)
        for message in read_messages([str(file)], parse_options(**options))
    ]


ARTICLE = {"headline": "Acme cuts", "published": "2026-03-03"}


@pytest.mark.parametrize(
    "content",
    [
        b"headline;published\nAcme cuts;2026-03-03\n",
        b"headline\tpublished\nAcme cuts\t2026-03-03\n",
        b"headline|published\nAcme cuts|2026-03-03\n",
        b"sep=;\nheadline;published\nAcme cuts;2026-03-03\n",
        b'headline, published\n"Acme cuts", "2026-03-03"\n',
        b"headline,published\rAcme cuts,2026-03-03\r",
        "headline,published\nAcme cuts,2026-03-03\n".encode("utf-16"),
        "headline,published\nAcme cuts,2026-03-03\n".encode("utf-16-le"),
        b"\xef\xbb\xbfHEADLINE,Published\r\nAcme cuts,2026-03-03\r\n",
        b"headline,published,,\nAcme cuts,2026-03-03,,\n",
        gzip.compress(b"headline,published\nAcme cuts,2026-03-03\n", mtime=0),
    ],
)
def test_dialects_and_encodings_are_recognised(tmp_path: Path, content: bytes) -> None:
    """Every row of a file from another program or country would be refused."""
    assert read(tmp_path, "news.csv", content) == [ARTICLE]


def test_another_encoding_is_named_or_read(tmp_path: Path) -> None:
    """A file from Windows would lose its rows, or have other letters in them."""
    content = b"headline,published\ncaf\xe9,2026-03-03\n"
    ((line, problem),) = read(tmp_path, "news.csv", content)
    assert (line, "--encoding" in problem) == (2, True)
    (row,) = read(tmp_path, "news.csv", content, encoding="cp1252")
    assert row["headline"] == "café"


def test_rows_that_lack_optional_columns_are_read(tmp_path: Path) -> None:
    """An article without a company would be refused because its line ends early."""
    content = b"headline,published,tickers\nAcme,2026-03-03,ACME\nFed holds,2026-03-03\nOnly\n"
    full, short, broken = read(tmp_path, "news.csv", content)
    assert full["tickers"] == "ACME"
    assert short == {"headline": "Fed holds", "published": "2026-03-03"}
    assert broken == (4, "has 1 cells, the header 3")


def test_large_cells_are_read(tmp_path: Path) -> None:
    """An article with its whole text would be refused, although a record may hold it."""
    content = b"headline,published,body\nAcme,2026-03-03,%b\n" % (b"x" * 500_000)
    (row,) = read(tmp_path, "news.csv", content)
    assert len(row["body"]) == 500_000


def test_three_thousand_swallowed_rows_come_back(tmp_path: Path) -> None:
    """One quote would take a month of news with it."""
    rows = [f"Report {number},2026-03-03,ACME" for number in range(20_000)]
    rows[100] = '"' + rows[100]
    rows[4_000] = '"Report, the last",2026-03-03,ACME'
    content = "\n".join(["headline,published,tickers", *rows]).encode()
    result = read(tmp_path, "news.csv", content)
    assert len(result) == 20_000
    broken = [row for row in result if isinstance(row, tuple)]
    assert [line for line, _ in broken] == [102]


def test_a_text_of_several_lines_stays_one_cell(tmp_path: Path) -> None:
    """A body with paragraphs would be taken for rows that a quote has swallowed."""
    body = "First, on 2026-03-02.\nThen nothing\n\nThen, again, much."
    content = f'headline,published,body\nAcme,2026-03-03,"{body}"\nOrbit,2026-03-03,x\n'
    first, _ = read(tmp_path, "news.csv", content.encode())
    assert first["body"] == body


def test_columns_are_guessed_and_named(tmp_path: Path) -> None:
    """A user would have to map columns that everybody understands."""
    file = tmp_path / "news.csv"
    file.write_text("Date,Time,Symbol,Story Title,Publisher\n2026-03-03,08:15,ACME,Acme cuts,W\n")
    notices: list[str] = []
    (message,) = read_messages([str(file)], parse_options(), notices.append)
    assert json.loads(message.value) == {
        "published": "2026-03-03 08:15",
        "symbol": "ACME",
        "headline": "Acme cuts",
        "publisher": "W",
    }
    assert "published from Date and Time" in notices[0]
    assert "companies from Symbol" in notices[0]


@pytest.mark.parametrize("first", [0, 1])
def test_row_numbers_are_no_identity(tmp_path: Path, first: int) -> None:
    """The first rows of two dumps would be one article."""
    rows = "".join(f"{number},N{number},2026-03-03\n" for number in range(first, first + 5))
    file = tmp_path / "news.csv"
    file.write_text(f"id,headline,published\n{rows}")
    messages = list(read_messages([str(file)], parse_options()))
    assert all("id" not in json.loads(message.value) for message in messages)
    assert "counts the rows" in messages[0].warnings[0]
    file.write_text("id,headline,published\n7,N,2026-03-03\n9,M,2026-03-03\n")
    assert json.loads(next(read_messages([str(file)], parse_options())).value)["id"] == "7"


A, C = {"title": "A", "date": "2026-03-03"}, {"title": "C", "date": "2026-03-04"}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([A, C]),
        json.dumps([A, C], indent=2),
        json.dumps({"status": "ok", "articles": [A, C]}),
        json.dumps({"response": {"results": [A, C]}}, indent=1),
        f"{json.dumps(A, indent=1)}\n{json.dumps(C, indent=1)}\n",
        f"{json.dumps([A])}\n{json.dumps([C])}\n",
        f"{json.dumps(A)}\n\n{json.dumps(C)}\n\0",
    ],
)
def test_json_of_any_layout_is_read(tmp_path: Path, content: str) -> None:
    """A saved answer of a web service would be one row without a headline."""
    assert read(tmp_path, "news.json", content.encode()) == [A, C]


def test_a_broken_item_of_an_array_costs_no_other(tmp_path: Path) -> None:
    """One missing comma would end a file of millions of articles."""
    for around in ("[\n%s]\n", '{"articles": [\n%s], "total": 3}\n'):
        items = f'{json.dumps(A)},\n{{"title": "B" "date": 1}},\n{json.dumps(C)}\n'
        first, broken, last = read(tmp_path, "news.json", (around % items).encode())
        assert (first, last) == (A, C)
        assert broken[0] == 3


def test_a_document_that_is_cut_off_is_named(tmp_path: Path) -> None:
    """Half a download would look complete."""
    rows = read(tmp_path, "news.json", f"[{json.dumps(A)},\n{json.dumps(C)}".encode())
    assert rows[:2] == [A, C]
    assert "cut off" in rows[2][1]


RSS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<rss version="2.0"><channel><title>Example Wire</title><language>en-us</language>
<item><title>Caf\xe9 &nbsp;cuts &amp; runs</title><link>https://w.example/1?a=1&b=2</link>
<pubDate>Tue, 03 Mar 2026 03:15:00 EST</pubDate><guid isPermaLink="false">7</guid>
<category domain="https://w.example/rss/stock">NYSE:ACME</category></item>
<item><title>Broken</item>
<item><title>Third</title><guid>https://w.example/3</guid></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom Wire</title>
<entry><title type="html">Acme</title><id>urn:1</id><updated>2026-03-03T08:15:00Z</updated>
<link rel="self" href="https://w.example/self"/><link href="https://w.example/1"/>
<content type="xhtml"><div>One <p>two</p></div></content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="r" xmlns:dc="d"><channel><title>Old Wire</title><items/></channel>
<item rdf:about="https://w.example/1"><title>Acme</title><dc:date>2026-03-03</dc:date></item>
</rdf:RDF>"""


def test_rss_is_read_item_by_item(tmp_path: Path) -> None:
    """A feed with one broken item, or a bare ampersand, would give nothing at all."""
    first, broken, last = read(tmp_path, "feed.xml", RSS.encode("latin-1"))
    assert first == {
        "title": "Café \xa0cuts & runs",
        "link": "https://w.example/1?a=1&b=2",
        "pubDate": "Tue, 03 Mar 2026 03:15:00 EST",
        "id": "7",
        "companies": ["NYSE:ACME"],
        "source": "Example Wire",
        "language": "en-us",
    }
    assert (broken[0], "well-formed" in broken[1]) == (6, True)
    assert last["link"] == "https://w.example/3"


def test_atom_and_rdf_are_read(tmp_path: Path) -> None:
    """Half of all feeds are not RSS 2.0."""
    (entry,) = read(tmp_path, "feed", ATOM.encode())
    assert (entry["id"], entry["link"], entry["updated"], entry["source"], entry["body"]) == (
        "urn:1", "https://w.example/1", "2026-03-03T08:15:00Z", "Atom Wire", "One  two",
    )  # fmt: skip
    (item,) = read(tmp_path, "feed", RDF.encode("utf-16"))
    assert (item["id"], item["date"], item["source"]) == (
        "https://w.example/1", "2026-03-03", "Old Wire",
    )  # fmt: skip


def test_entities_of_a_feed_do_not_expand(tmp_path: Path) -> None:
    """A feed of a kilobyte would fill the memory."""
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    for name in ("e1", "e12"):  # a small one, too: expat has a bound of its own for large ones
        item = f"<rss><item><title>&{name};</title></item></rss>"
        bomb = f'<!DOCTYPE rss [<!ENTITY e0 "ha">{levels}]>{item}'
        assert read(tmp_path, "feed.xml", bomb.encode()) == [{"title": f"&{name};"}]
    ((_, problem),) = read(tmp_path, "page.xml", b"<html><body>404</body></html>")
    assert "neither RSS nor Atom" in problem


def test_all_headers_are_checked_before_the_first_row(tmp_path: Path) -> None:
    """The second file's missing column would be found after an hour of scoring the first."""
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("headline,published\nAcme,2026-03-03\n")
    bad.write_text("what,published\nAcme,2026-03-03\n")
    with pytest.raises(Exception, match="no column is called headline"):
        read_messages([str(good), str(bad)])
