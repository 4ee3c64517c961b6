"""Two processes of ``newsquake source rss`` with one state: the second takes over."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from schemas.channels import RAW
from schemas.incoming.decode import decode
from streams.kafka.topics import create_topics
from tests.chaos.outside import committed
from tests.streams.conditions import Worker, command

pytestmark = pytest.mark.kafka
SECONDS = 30.0
OPTIONS = ("--interval", "0.2", "--host-interval", "0", "--allow-private")
MAX_ITEMS = 10_000


class GrowingFeed(ThreadingHTTPServer):
    """A feed with an item more at each request, up to ``limit`` items."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.items = 0
        self.limit = MAX_ITEMS

    @property
    def address(self) -> str:
        """The address of the feed."""
        return f"http://127.0.0.1:{self.server_port}/feed.rss"


class _Answer(BaseHTTPRequestHandler):
    server: GrowingFeed

    def do_GET(self) -> None:
        """Answer with all items so far."""
        feed = self.server
        feed.items = min(feed.items + 1, feed.limit)
        items = "".join(
            f"<item><guid isPermaLink='false'>n{number}</guid><title>Report {number}</title>"
            "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item>"
            for number in range(feed.items)
        )
        body = f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def feed() -> Iterator[GrowingFeed]:
    """A feed that is served."""
    with GrowingFeed() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def headlines(layout: ClusterLayout) -> Counter[str]:
    """Return how often each headline stands on `news.raw`."""
    records = asyncio.run(committed(layout, RAW))
    return Counter(decode(record.value, record.headers).headline for record in records)


def wait_until(is_so: Callable[[], bool], *sources: Worker) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "\n".join(source.text for source in sources)
        time.sleep(0.1)


def test_a_second_process_takes_over_and_nothing_is_sent_twice(
    kafka: str, prefix: str, environment: dict[str, str], tmp_path: Path, feed: GrowingFeed
) -> None:
    """During a deployment both would send each item, or the old one go on unseen for ever."""
    layout = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    asyncio.run(create_topics(layout, required_topics(layout, NEWS)))
    arguments = ("source", "rss", feed.address, *OPTIONS)
    with ExitStack() as stack:
        first = stack.enter_context(command(environment, tmp_path / "first.log", *arguments))
        wait_until(lambda: len(headlines(layout)) >= 3, first)
        second = stack.enter_context(command(environment, tmp_path / "second.log", *arguments))
        wait_until(lambda: first.process.poll() is not None, first, second)
        feed.limit = feed.items + 3
        expected = {f"Report {number}": 1 for number in range(feed.limit)}
        wait_until(lambda: len(headlines(layout)) >= len(expected), second)
        assert second.process.poll() is None, second.text
    assert first.process.returncode == 1
    lines = first.text.splitlines()
    assert "Traceback" not in first.text
    assert "another process follows" in lines[-1], first.text
    assert headlines(layout) == expected
