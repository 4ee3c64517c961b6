"""Items of feeds through ``newsquake source rss`` and a worker, both killed meanwhile: each once.

``python -m tests.chaos.feed_kills --items 100000`` prints the account.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka
from schemas.channels import DEAD, RAW, SCORED
from streams.kafka.topics import create_topics
from tests.chaos.outside import committed
from tests.chaos.workers import Workers

FEEDS: Final = 10
MIN_GROWTH_SECONDS: Final = 8.0
"""The feeds grow for so long at least, so that kills meet them while they are sent."""
_CODE: Final = "from cli.main import app; app()"


class Account(NamedTuple):
    """What came of the items.

    Attributes:
        items: Items that the feeds had.
        sent: Committed records in `news.raw`.
        scored: Committed records in `news.scored`.
        lost: Items that are missing in either.
        doubled: Items that are in either more than once.
        dead: Dead letters.
        seconds: Time from the start to the last item.
        kills: Kills of the source, and as many of the worker.
    """

    items: int
    sent: int
    scored: int
    lost: int
    doubled: int
    dead: int
    seconds: float
    kills: int


class GrowingFeeds:
    """A server of feeds that grow to ``items`` items together."""

    def __init__(self, items: int, seconds: float) -> None:
        self._items, self._seconds, self._began = items, seconds, time.monotonic()
        self.address = ""

    def document(self, feed: int) -> bytes:
        """Return a feed, newest item first."""
        share = min(1.0, (time.monotonic() - self._began) / self._seconds)
        numbers = range(feed, int(self._items * share), FEEDS)
        texts = [
            f"<item><guid isPermaLink='false'>n{number}</guid>"
            f"<title>Company {number} reports quarter {number}</title>"
            f"<link>http://wire.example/{number}</link>"
            "<pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item>"
            for number in reversed(numbers)
        ]
        title = f"<title>Wire {feed}</title>"
        return f"<rss version='2.0'><channel>{title}{''.join(texts)}</channel></rss>".encode()

    async def start(self) -> web.AppRunner:
        """Serve the feeds at a free port."""

        async def answer(request: web.Request) -> web.Response:
            feed = int(request.match_info["feed"])
            body = await asyncio.to_thread(self.document, feed)
            return web.Response(body=body, content_type="application/rss+xml")

        app = web.Application()
        app.router.add_get("/{feed}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        self._began = time.monotonic()
        return runner


async def run(bootstrap: str, prefix: str, items: int, kills: int, folder: Path) -> Account:
    """Send and score the items of growing feeds, with kills, and count what came of them."""
    layout = ClusterLayout(bootstrap=bootstrap, prefix=prefix, partitions=4)
    await create_topics(layout, required_topics(layout, NEWS))
    seconds = max(MIN_GROWTH_SECONDS, items / 2_000)
    feeds = GrowingFeeds(items, seconds)
    server = await feeds.start()
    environ = {name: it for name, it in os.environ.items() if not name.startswith("NEWSQUAKE_")}
    environ |= {
        "NEWSQUAKE_KAFKA__BOOTSTRAP": bootstrap,
        "NEWSQUAKE_KAFKA__PREFIX": prefix,
        "NEWSQUAKE_NLP__MODEL": "lexicon",
        "NEWSQUAKE_WORKER__SESSION_TIMEOUT": "6",
    }
    addresses = [f"{feeds.address}/{feed}" for feed in range(FEEDS)]
    options = [
        "--interval",
        "1",
        "--host-interval",
        "0",
        "--max-bytes",
        str(64 << 20),
    ]
    source = (sys.executable, "-c", _CODE, "source", "rss", "--allow-private", *addresses, *options)
    (folder / "source").mkdir()
    processes = [Workers(environ, folder / "source", 1, source), Workers(environ, folder, 1)]
    began = time.monotonic()
    for process in processes:
        process.start_all()
    try:
        for number in range(kills):
            due = began + seconds * (number + 1) / (kills + 0.5)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await asyncio.gather(*(process.kill(0) for process in processes))
        await _wait(layout, items, 60.0 + items / 200)
        spent = time.monotonic() - began
    finally:
        await asyncio.gather(*(process.stop_all() for process in processes))
        await server.cleanup()
    return await _account(layout, items, spent, kills)


async def _wait(layout: ClusterLayout, items: int, seconds: float) -> None:
    """Wait until every item is scored, or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if len({record.key for record in await committed(layout, SCORED)}) >= items:
            return
        await asyncio.sleep(2.0)


async def _account(layout: ClusterLayout, items: int, seconds: float, kills: int) -> Account:
    sent, scored, dead = [await committed(layout, it) for it in (RAW, SCORED, DEAD)]
    lost = doubled = 0
    for records in (sent, scored):
        counts = Counter(record.key for record in records)
        lost += items - len(counts)
        doubled += counts.total() - len(counts)
    return Account(items, len(sent), len(scored), lost, doubled, len(dead), seconds, kills)


def main() -> None:
    """Run with a broker of its own, and print the account."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=3)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedKafka(user_cache_dir(os.environ)) as kafka,
    ):
        work = run(kafka.bootstrap, "", arguments.items, arguments.kills, Path(folder))
        account = asyncio.run(work)
    print(account)  # noqa: T201 - the result
    sys.exit(1 if account.lost or account.doubled or account.dead else 0)


if __name__ == "__main__":
    main()
