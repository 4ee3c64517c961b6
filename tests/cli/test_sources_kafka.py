"""``newsquake source`` and ``newsquake serve`` as users run them, with real processes."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest

pytestmark = pytest.mark.kafka
PRIVATE = "--allow-private"
Run = Callable[..., CompletedProcess[str]]
SCRIPT = Path(sys.executable).with_name("newsquake")
FEED = """<rss version="2.0"><channel><title>Wire</title><item><title>Acme falls</title>
<guid isPermaLink="false">g1</guid><pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate></item>
</channel></rss>"""


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the files in a folder."""
    (tmp_path / "feed.rss").write_text(FEED)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_feed_and_a_folder_are_sent_once(newsquake: Run, site: str, tmp_path: Path) -> None:
    """A cron job would send everything again at each run."""
    missing = newsquake("source", "rss", f"{site}/feed.rss", "--once", PRIVATE)
    assert missing.returncode == 1
    assert "newsquake topics create" in missing.stderr
    assert newsquake("topics", "create").returncode == 0
    for count in (1, 0):
        result = newsquake("source", "rss", f"{site}/feed.rss", "--once", PRIVATE)
        assert (result.returncode, result.stdout) == (0, f"sent {count} articles\n"), result.stderr
        assert ("have a source" in result.stderr, "Wire" in result.stderr) == (count > 0, count > 0)
    failed = newsquake(
        "source", "rss", f"{site}/nothing?apikey=hidden", "--once", "--allow-private"
    )
    assert (failed.returncode, "404" in failed.stderr, "hidden" in failed.stderr) == (
        1,
        True,
        False,
    )
    folder = tmp_path / "spool"
    folder.mkdir()
    (folder / "a.csv").write_text("title,date\nAcme falls,2026-03-03\nAcme rises,2026-03-04\n")
    for count in (2, 0):
        result = newsquake("source", "directory", str(folder), "--once", "--interval", "0.2")
        assert (result.returncode, result.stdout) == (0, f"sent {count} articles\n"), result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("source", "rss", "feed.rss"), "no address of a feed"),
        (("source", "directory", "/nowhere"), "is no folder"),
        (("source", "rss", "http://127.0.0.1/", "--profile", "nobody"), "none called 'nobody'"),
        (("serve", "ingest", "--host", "0.0.0.0"), "NEWSQUAKE_SERVE__TOKEN"),  # noqa: S104 - it is refused
    ],
)
def test_wrong_arguments_end_with_2(newsquake: Run, arguments: tuple[str, ...], words: str) -> None:
    """A script could not tell a typo from a broker that is down."""
    result = newsquake(*arguments)
    assert (result.returncode, words in result.stderr) == (2, True), result.stderr


def test_articles_over_http_are_taken_until_sigterm(
    newsquake: Run, environment: dict[str, str]
) -> None:
    """A deployment would lose what was answered last."""
    assert newsquake("topics", "create").returncode == 0
    command = [str(SCRIPT), "serve", "ingest", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().removeprefix("ready ").strip()
            body = {"headline": "Acme falls", "published": "2026-03-03T08:00:00Z"}
            answer = httpx.post(address, json=body)
            assert answer.status_code == 202, answer.text
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
    (item,) = answer.json()["items"]
    assert item["status"] == "accepted"
    assert json.dumps(item)


def test_articles_over_http_are_counted_as_workers_count(
    newsquake: Run, environment: dict[str, str]
) -> None:
    """Nobody would see that a sender is refused, or that it is told to wait."""
    assert newsquake("topics", "create").returncode == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"NEWSQUAKE_METRICS__PORT": str(port), "NEWSQUAKE_SERVE__MAX_IN_FLIGHT": "3"}
    command = [str(SCRIPT), "serve", "ingest", "--port", "0"]
    good = {"headline": "Acme falls", "published": "2026-03-03T08:00:00Z"}
    with subprocess.Popen(
        command, env=environment | settings, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().removeprefix("ready ").strip()
            httpx.post(address, json=[good, {**good, "headline": ""}])
            asyncio.run(flood(address, {**good, "body": "x" * 5_000}))
            metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
            ready = httpx.get(f"http://127.0.0.1:{port}/ready")
        finally:
            process.terminate()
            process.wait(30)
    articles = 'newsquake_intake_articles_total{agent="intake",outcome='
    assert articles + '"refused",reason="invalid"} 1.0' in metrics
    assert articles + '"accepted",reason=""}' in metrics
    assert 'newsquake_intake_requests_total{agent="intake",status="429"}' in metrics
    assert 'newsquake_intake_waiting{agent="intake"} 0.0' in metrics
    assert "newsquake_build_info" in metrics
    assert (ready.status_code, ready.json()["agents"]) == (200, ["intake"])


async def flood(address: str, article: dict[str, str]) -> None:
    """Send more at once than may wait for Kafka."""
    async with httpx.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(client.post(address, json=[article] * 3) for _ in range(20)))
