"""Measure what a dashboard takes while much news about many subjects arrives; see README.md."""

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import httpx
from confluent_kafka import Producer
from peer import Peer, Running, running

from agents.cluster_layout import ClusterLayout
from agents.event_message import event_message
from agents.kafka_topics import NEWS, required_topics
from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.port import free_ports
from schemas.article import Article
from schemas.scored import ScoredArticle, Sentiment
from schemas.signal import Signal
from streams.core.record import Message
from streams.kafka.topics import create_topics
from tests.dashboard.chromium import Page, chromium

FASTER = 60.0
"""Event time passes so much faster than the clock, so that bins close."""
_DRAIN_SECONDS = 120.0
_KEY = b"keykeykeykey"
_TIME = "2026-01-02T03:04:05Z"
_FRAMES = (
    "new Promise(done => { const all = []; let last = performance.now();"
    " const frame = now => { all.push(now - last); last = now;"
    " all.length < 60 ? requestAnimationFrame(frame) : done(all); };"
    " requestAnimationFrame(frame); })"
)


class Answer(NamedTuple):
    """A look at the dashboard.

    Attributes:
        seconds: The time that ``/api/now`` took.
        read: Scored articles that it has read.
    """

    seconds: float
    read: int


class Feed(threading.Thread):
    """Writes articles, and two signals of each, as the agents do.

    Attributes:
        sent: Articles so far.
        rate: Articles a second.
        subjects: Number of companies.
    """

    def __init__(self, bootstrap: str, subjects: int, rate: float, seconds: float) -> None:
        super().__init__(daemon=True)
        self.sent = 0
        self.rate = rate
        self._seconds = seconds
        self._producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20})
        self.subjects = subjects
        self._templates = [_template(number) for number in range(subjects)]

    def run(self) -> None:
        """Write until the time is over."""
        begin, start = time.monotonic(), datetime.now(UTC)
        while (passed := time.monotonic() - begin) < self._seconds:
            published = start + timedelta(seconds=passed * FASTER)
            text = published.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
            for _ in range(int(passed * self.rate) - self.sent):
                for message in self._templates[self.sent % len(self._templates)]:
                    value = (message.value or b"").replace(_KEY, b"%012d" % self.sent)
                    self._producer.produce(
                        message.topic,
                        value.replace(_TIME.encode(), text),
                        message.key,
                        headers=list(message.headers),
                    )
                self.sent += 1
                self._producer.poll(0)
            time.sleep(0.02)
        self._producer.flush()


def _template(number: int) -> list[Message]:
    """Return the records of an article about a company and a topic."""
    key, published = _KEY.decode(), datetime.fromisoformat(_TIME)
    headline = f"Company {number} reports {key}"
    article = Article(key=key, source="wire", headline=headline, published=published)
    subjects = (f"company:C{number:03}", f"topic:t{number % 20}")
    sentiment = Sentiment(negative=0.5, neutral=0.3, positive=0.2)
    scored = ScoredArticle(
        article=article, sentiment=sentiment, topics={}, subjects=subjects, model="load"
    )
    signals = [
        Signal(
            subject=subject, key=key, published=published, negative=0.5, neutral=0.3, positive=0.2,
            headline=headline, source="wire", model="load", lineage="0.0",
        )
        for subject in subjects
    ]  # fmt: skip
    return [
        event_message("news.scored", scored, key=key, event_id=key, time=published),
        *(
            event_message("news.signals", signal, key=key, event_id=key, time=published)
            for signal in signals
        ),
    ]


async def look(client: httpx.AsyncClient) -> Answer:
    """Return how long an answer takes, and how far the dashboard has read."""
    began = time.perf_counter()
    (await client.get("/api/now")).raise_for_status()
    took = time.perf_counter() - began
    flow = (await client.get("/api/flow")).json()
    return Answer(took, flow["records"]["news.scored"])


async def measure(feed: Feed, client: httpx.AsyncClient, page: Page, peer: Running) -> str:
    """Load the dashboard, and return a row of the table."""
    await page.open(str(client.base_url))
    answers, behind, frames = list[float](), list[float](), list[float]()
    before, began = peer.usage(), time.monotonic()
    feed.start()
    while feed.is_alive():
        await asyncio.sleep(1)
        answer = await look(client)
        answers.append(answer.seconds * 1000)
        behind.append(max(0.0, (feed.sent - answer.read) / feed.rate))
        frames += await page.evaluate(_FRAMES)
    seconds = time.monotonic() - began
    async with asyncio.timeout(_DRAIN_SECONDS):
        while (await look(client)).read < feed.sent:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.5)
    after = peer.usage()
    heap = await page.evaluate("performance.memory.usedJSHeapSize / 1e6")
    answer_cuts, frame_cuts = quantiles(answers, n=20), quantiles(frames, n=20)
    return (
        f"| {feed.subjects} | {feed.sent / seconds:.0f} | {seconds:.0f} "
        f"| {1e6 * (after.cpu - before.cpu) / feed.sent:.0f} | {after.resident:.0f} "
        f"| {answer_cuts[9]:.0f}, {answer_cuts[18]:.0f} "
        f"| {frame_cuts[9]:.0f}, {frame_cuts[18]:.0f} | {heap:.0f} | {max(behind):.1f} |"
    )


async def run(options: argparse.Namespace, bootstrap: str) -> str:
    """Start a dashboard and a browser, and return the row of what was measured."""
    cluster = ClusterLayout(bootstrap=bootstrap, partitions=1)
    await create_topics(cluster, required_topics(cluster, NEWS))
    command = str(Path(sys.executable).with_name("newsquake"))
    (port,) = free_ports(1)
    environ = {
        "NEWSQUAKE_KAFKA__BOOTSTRAP": bootstrap,
        "NEWSQUAKE_KAFKA__PARTITIONS": "1",
        "NEWSQUAKE_DETECT__MAX_AHEAD": "36500d",  # the news runs ahead of the clock
    }
    peer = Peer("dashboard", (command, "dashboard", "--port", str(port)), environ)
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60)
    with running(peer) as process, tempfile.TemporaryDirectory() as folder:
        async with client, chromium(Path(folder)) as browser, browser.page() as page:
            state = ""
            while state != "live":
                process.check()
                await asyncio.sleep(0.2)
                with suppress(httpx.ConnectError):
                    state = (await client.get("/api/live")).json()["state"]
            feed = Feed(bootstrap, options.subjects, options.rate, options.seconds)
            return await measure(feed, client, page, process)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=500)
    parser.add_argument("--rate", type=float, default=2_000, help="articles a second")
    parser.add_argument("--seconds", type=float, default=600)
    options = parser.parse_args()
    with EmbeddedKafka(user_cache_dir(os.environ)) as broker:
        row = asyncio.run(run(options, broker.bootstrap))
    print(
        "| companies | articles/s | s | CPU µs an article | peak MB | `/api/now` ms, p50, p95 "
        "| frame ms, p50, p95 | page MB | behind s, at most |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    print(row)


if __name__ == "__main__":
    main()
