"""The tutorial, followed command for command with a broker, a dashboard and a receiver."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.kafka.port import free_ports

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SCRIPT = Path(sys.executable).with_name("newsquake")
RUNNING = ("kafka", "worker", "dashboard")
"""Commands that run until they are stopped."""


class Chat:
    """A webhook that takes messages as Slack does."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                messages.append(json.loads(body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Return the address of the webhook."""
        return f"http://127.0.0.1:{self.server.server_port}/hooks/desk"


@pytest.fixture
def chat() -> Iterator[Chat]:
    """Yield a receiver that runs."""
    chat = Chat()
    thread = threading.Thread(target=chat.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield chat
    finally:
        chat.server.shutdown()
        chat.server.server_close()
        thread.join()


@contextmanager
def started(command: list[str], environment: dict[str, str], folder: Path) -> Iterator[Path]:
    """Run a command during the block; SIGINT, as Ctrl-C sends it, must end it. Yield its output."""
    output = folder / f"{command[-1].replace('/', '-')}.out"
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield output
        assert process.poll() is None, output.read_text()
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            process.kill()


def wait_for(condition: Callable[[], object], what: Callable[[], str]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + 150
    while not condition():
        assert time.monotonic() < end, what()
        time.sleep(0.2)


def is_ready(output: Path) -> bool:
    """Return whether a command has said that it is ready."""
    return "ready" in output.read_text()


def test_every_command_does_what_the_page_says(tmp_path: Path, chat: Chat, jar_cache: Path) -> None:
    """A newcomer would give up at the first command that does something else."""
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    commands = [shlex.split(text) for kind, text in blocks if kind == "sh"]
    assert len(commands) == 9
    (settings,) = [text for kind, text in blocks if kind == "toml"]
    (head,) = [text for kind, text in blocks if kind == "csv"]
    shutil.copytree(ROOT / "docs/tutorial", tmp_path / "docs/tutorial")
    news = (tmp_path / "docs/tutorial/news.csv").read_text()
    assert news.startswith(head)
    (tmp_path / "newsquake.toml").write_text(
        re.sub(r'url = "[^"]+"', f'url = "{chat.url}"', settings)
    )
    port, dashboard_port = free_ports(2)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NEWSQUAKE_")},
        "XDG_CACHE_HOME": str(jar_cache.parent),
        "NEWSQUAKE_NLP__MODEL": "lexicon",
        "NEWSQUAKE_KAFKA__BOOTSTRAP": f"127.0.0.1:{port}",
        "NEWSQUAKE_DASHBOARD__PORT": str(dashboard_port),
    }
    outputs: dict[str, str] = {}
    base = f"http://127.0.0.1:{dashboard_port}"
    with ExitStack() as running:
        for _, *arguments in commands:
            name = next(word for word in arguments if word in RUNNING or word.isalpha())
            words = [*arguments, "--port", str(port)] if name == "kafka" else arguments
            if name in RUNNING:
                output = running.enter_context(
                    started([str(SCRIPT), *words], environment, tmp_path)
                )
                if name != "worker":
                    wait_for(partial(is_ready, output), output.read_text)
                continue
            done = subprocess.run(
                [SCRIPT, *words],
                env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120,
                check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            outputs[name] = done.stdout + done.stderr
            if name == "publish":
                wait_for(
                    lambda: any(
                        "about ACME has surged" in message["text"] for message in chat.messages[1:]
                    ),
                    lambda: str(chat.messages),
                )
                alerts = httpx.get(f"{base}/api/alerts", timeout=30).json()["alerts"]
                assert "company:ACME" in {alert["subject"] for alert in alerts}
    rows = len(news.splitlines()) - 1
    assert f"{rows} articles" in outputs["check"]
    assert "company:ACME" in outputs["backtest"]
    assert (tmp_path / "acme.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert outputs["notify"] == "desk: delivered\n"
    assert f"published {rows}" in outputs["publish"]
    assert re.search(r"open +\w+ +company:ACME ", outputs["alerts"])
