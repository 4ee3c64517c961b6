"""Feeds of all kinds from a local server: what is sent, and what is said of failures."""

from collections.abc import Awaitable, Callable

import orjson
import pytest
from aiohttp import web

from infra.feeds.document import read_document
from infra.feeds.feed import Feed
from infra.feeds.fetching import FetchFailed
from infra.feeds.report import Report
from schemas.incoming.reading import Reading, read_record
from streams.core.errors import Fenced
from streams.testing.memory_log import MemoryLog

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]
Follow = Callable[..., Awaitable[tuple[Feed, Report]]]

RSS_091 = b"""<?xml version="1.0"?><rss version="0.91"><channel><title>Wire 91</title>
<language>en</language><item><title>Acme falls</title><link>http://w.example/1</link>
<description>Down 5%</description></item></channel></rss>"""
RSS_092 = RSS_091.replace(b'"0.91"', b'"0.92"').replace(b"Wire 91", b"Wire 92")
RSS_10 = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://w.example"><title>Wire 10</title></channel>
<item rdf:about="http://w.example/1"><title>Acme falls</title><link>http://w.example/1</link>
<dc:date>2026-03-03T08:00:00Z</dc:date></item></rdf:RDF>"""
RSS_20 = b"""<rss version="2.0"><channel><title>Wire 20</title><ttl>1</ttl><item>
<title>Acme falls</title><guid isPermaLink="false">g1</guid><link>http://w.example/1</link>
<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire Atom</title><entry>
<id>urn:1</id><title>Acme falls</title><link href="http://w.example/1"/>
<published>2026-03-03T08:00:00Z</published></entry></feed>"""
JSON = orjson.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Wire JSON",
        "items": [
            {
                "id": "1",
                "title": "Acme falls",
                "url": "http://w.example/1",
                "date_published": "2026-03-03T08:00:00Z",
            }
        ],
    }
)
UNTITLED = RSS_20.replace(b"<title>Wire 20</title>", b"").replace(b"http://w.", b"http://other.")
BROKEN = RSS_20.replace(b"Acme falls", b"Acme &nbsp; falls & more\x01").replace(b"</rss>", b"")
FEEDS = {
    "Wire 91": RSS_091,
    "Wire 92": RSS_092,
    "Wire 10": RSS_10,
    "Wire 20": RSS_20,
    "Wire Atom": ATOM,
    "Wire JSON": JSON,
}


def rss(*items: str) -> bytes:
    """Return a feed with items of these headlines, newest first; the guid is their first word."""
    texts = [
        f"<item><guid>{item.split()[0]}</guid><title>{item}</title>"
        "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item>"
        for item in items
    ]
    return f"<rss><channel><title>W</title>{''.join(texts)}</channel></rss>".encode()


def always(body: bytes, **headers: str) -> Handler:
    """Return a handler that gives the same answer to all."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers=headers)

    return answer


def sent(log: MemoryLog) -> list[str]:
    """Return the headlines on `news.raw`, each read as the pipeline does."""
    headlines = []
    for record in log.read("news.raw"):
        (item,) = read_record(record.value, record.headers)
        assert isinstance(item, Reading)
        headlines.append(item.article.headline)
    return headlines


@pytest.mark.parametrize("name", FEEDS)
async def test_feeds_of_all_kinds_are_read(
    name: str, serve: Serve, follow: Follow, log: MemoryLog
) -> None:
    """Items of an old or a new kind of feed would be missing, or lack source and date."""
    address = await serve(always(FEEDS[name]))
    feed, report = await follow(address)
    await feed.poll()
    await feed.poll()
    (record,) = log.read("news.raw")
    (item,) = read_record(record.value, record.headers)
    assert isinstance(item, Reading)
    assert (item.article.headline, item.article.source) == ("Acme falls", name)
    assert item.article.url == "http://w.example/1"
    assert item.published_from == (
        "ce_time" if name in {"Wire 91", "Wire 92"} else item.published_from
    )
    assert dict(record.headers)["idempotency-key"].decode() == item.article.key
    assert record.key == item.article.key.encode()
    assert report.total_failures == 0


@pytest.mark.parametrize(
    "case", [(RSS_20, "", "Wire 20"), (UNTITLED, "", "w.example"), (RSS_20, "Ours", "Ours")]
)
async def test_articles_have_a_source(
    serve: Serve, follow: Follow, log: MemoryLog, case: tuple[bytes, str, str]
) -> None:
    """Alerts would count addresses with their queries as publishers."""
    feed, publisher, source = case
    followed, _ = await follow(await serve(always(feed)), publisher)
    await followed.poll()
    (record,) = log.read("news.raw")
    (item,) = read_record(record.value, record.headers)
    assert isinstance(item, Reading)
    assert item.article.source == source


async def test_the_source_of_articles_is_told_once(
    serve: Serve, follow: Follow, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody would see under which name a feed counts."""
    feed, _ = await follow(await serve(always(UNTITLED)))
    await feed.poll()
    await feed.poll()
    lines = [line for line in capsys.readouterr().out.splitlines() if "have a source" in line]
    assert len(lines) == 1
    assert "w.example" in lines[0]


async def test_a_broken_feed_gives_what_can_be_read(
    serve: Serve, follow: Follow, log: MemoryLog
) -> None:
    """One bare ampersand would silence a feed."""
    feed, _ = await follow(await serve(always(BROKEN)))
    await feed.poll()
    assert len(sent(log)) == 1
    with pytest.raises(FetchFailed, match="neither RSS nor Atom"):
        read_document(b"<html><body>Not found</body></html>")
    with pytest.raises(FetchFailed, match="no JSON Feed"):
        read_document(b'{"error": 1}')


async def test_only_what_is_new_or_corrected_is_sent_again(
    serve: Serve, follow: Follow, log: MemoryLog
) -> None:
    """A restart would repeat the whole feed, or a correction be lost."""
    body = [rss("b two", "a one")]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body[0])

    address = await serve(answer)
    feed, _ = await follow(address)
    await feed.poll()
    assert sent(log) == ["a one", "b two"]
    body[0] = rss("c three", "b two", "a one, corrected")
    again, report = await follow(address)
    await again.poll()
    await again.poll()
    assert sent(log)[2:] == ["a one, corrected", "c three"]
    assert report.sent == 2
    keys = [record.key for record in log.read("news.raw")]
    assert keys[0] == keys[2]
    body[0] = rss("d four")
    with pytest.raises(Fenced, match="another process follows"):
        await feed.poll()


async def test_a_guid_that_several_articles_share_identifies_none(
    serve: Serve, follow: Follow, log: MemoryLog
) -> None:
    """Each fetch would send all of them as corrections of each other."""
    body = rss("0 one", "0 two", "0 three")
    feed, _ = await follow(await serve(always(body)))
    await feed.poll()
    await feed.poll()
    assert sorted(sent(log)) == ["0 one", "0 three", "0 two"]
