"""Measure what passes between a surge and its alert: ``python bench/surge_delay.py``.

The tutorial's news is sent to a worker with a webhook, its bad day within one bin, which does not
end. After it comes a feed that goes on, in all partitions, or nothing, as after a file. The clock
starts when Kafka has the last article.
"""

import argparse
import asyncio
import csv
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import results
import table
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from idle import await_ready, running

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

_NEWS = Path(__file__).parents[1] / "docs/tutorial/news.csv"
_SCRIPT = Path(sys.executable).with_name("newsquake")
_LATER_ARTICLES = 400
_BAD_DAY = datetime(2026, 2, 18, 9, tzinfo=UTC)
_SUBJECT = b"company:ACME"
_PARTITIONS = 4
_PORT = 19210
_ENDS_SECONDS = 300.0


class Webhook(BaseHTTPRequestHandler):
    """A receiver that notes when a message about the surge came."""

    seen = 0.0

    def do_POST(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"ACME" in body and not Webhook.seen:
            Webhook.seen = time.monotonic()
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def news() -> list[dict[str, Any]]:
    """Return the tutorial's articles, with those of its bad day in one bin."""
    articles: list[dict[str, Any]] = []
    with _NEWS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            published = datetime.fromisoformat(f"{row['Date']}Z")
            if published >= _BAD_DAY:
                published = articles[-1]["published"] + timedelta(minutes=1)
                published = max(published, _BAD_DAY)
            articles.append(
                {"headline": row["Headline"], "published": published, "tickers": [row["Symbol"]]}
            )
    return articles


def later(articles: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return calm news of the second after the last article, a millisecond apart."""
    begin = articles[-1]["published"] + timedelta(seconds=1)
    return [
        {
            "headline": f"Bolt opens office {number} in town {number * 7}",
            "published": begin + timedelta(milliseconds=number),
            "tickers": ["BOLT"],
        }
        for number in range(_LATER_ARTICLES)
    ]


async def send(bootstrap: str, prefix: str, articles: Sequence[dict[str, Any]]) -> float:
    """Send articles to all partitions in turn; return when Kafka has the last."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        sent = [
            await producer.send(
                f"{prefix}news.raw", orjson.dumps(article), partition=number % _PARTITIONS
            )
            for number, article in enumerate(articles)
        ]
        await asyncio.gather(*sent)
    return time.monotonic()


@asynccontextmanager
async def watched(bootstrap: str, prefix: str) -> AsyncIterator[dict[str, float]]:
    """Yield when signals were last seen, and when the alert was first seen."""
    seen: dict[str, float] = {}
    topics = (f"{prefix}news.signals", f"{prefix}alerts")
    options = {"isolation_level": "read_committed", "auto_offset_reset": "earliest"}

    async def read() -> None:
        async with AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, **options) as consumer:
            async for record in consumer:
                now = time.monotonic()
                if record.topic.endswith("news.signals"):
                    seen["signals"] = now
                elif record.key == _SUBJECT:
                    seen.setdefault("alert", now)

    reading = asyncio.create_task(read())
    try:
        yield seen
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def delays(bootstrap: str, prefix: str, *, goes_on: bool) -> list[float]:
    """Return the seconds from the last article to its signals, to the alert, to the message.

    Raises:
        TimeoutError: There was no alert.
    """
    articles = news()
    async with watched(bootstrap, prefix) as seen:
        begin = await send(bootstrap, prefix, articles)
        if goes_on:
            begin = await send(bootstrap, prefix, later(articles))
        async with asyncio.timeout(_ENDS_SECONDS):
            while not (Webhook.seen and "alert" in seen):  # noqa: ASYNC110 - set by a thread
                await asyncio.sleep(0.02)
        return [seen["signals"] - begin, seen["alert"] - begin, Webhook.seen - begin]


def run(bootstrap: str, model: str, *, goes_on: bool) -> list[float]:
    """Run a worker on topics of its own, and return its delays."""
    Webhook.seen = 0.0
    prefix = f"{'feed' if goes_on else 'file'}."
    server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with TemporaryDirectory() as name:
        settings = Path(name) / "newsquake.toml"
        url = f"http://127.0.0.1:{server.server_port}/"
        settings.write_text(f'notify.routes.x = {{to="slack", url="{url}", allow_private=true}}\n')
        environment = {
            **os.environ,
            "NEWSQUAKE_KAFKA__BOOTSTRAP": bootstrap,
            "NEWSQUAKE_KAFKA__PREFIX": prefix,
            "NEWSQUAKE_KAFKA__PARTITIONS": str(_PARTITIONS),
            "NEWSQUAKE_NLP__MODEL": model,
            "NEWSQUAKE_METRICS__PORT": str(_PORT),
            "NEWSQUAKE_WORKER__AGENTS": "ingest,score,detect,notify",
        }
        subprocess.run([_SCRIPT, "topics", "create"], env=environment, check=True)
        words = ["--config", str(settings), "worker"]
        with running("worker", words, environment, Path(name) / "worker.log"):
            await_ready(_PORT, agents=4)
            found = asyncio.run(delays(bootstrap, prefix, goes_on=goes_on))
    server.shutdown()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="shipped", help="the setting nlp.model")
    results.add_options(parser)
    options = parser.parse_args()
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka:
        found = {
            "a feed that goes on": run(kafka.bootstrap, options.model, goes_on=True),
            "a file, then silence": run(kafka.bootstrap, options.model, goes_on=False),
        }
    rows = [[name, *(f"{seconds:.1f}" for seconds in each)] for name, each in found.items()]
    heads = ["s from the last article in Kafka", "signals committed", "alert committed", "message"]
    title = (
        f"Model {options.model}; load average of the {os.cpu_count()} cores at the end"
        f" {os.getloadavg()[0]:.1f}."
    )
    results.publish(title, table.render(heads, rows), [{"delays": found}], options)


if __name__ == "__main__":
    main()
