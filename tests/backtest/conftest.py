"""Fixtures that run the command in this process, on files made for the purpose."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from demo.feed.generate import generate


@pytest.fixture
def backtest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return ``newsquake backtest`` with the word lists as the model and a cache of its own."""
    monkeypatch.setenv("NEWSQUAKE_NLP__MODEL", "lexicon")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, ["backtest", *map(str, arguments)])

    return run


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of the demo's feed: what producers send, with broken messages."""
    file = tmp_path_factory.mktemp("feed") / "feed.jsonl"
    sent = generate(articles=3_000).sent
    values = [message.value for message in sent if message.kind != "oversized"]
    file.write_bytes(b"".join(value.replace(b"\n", b" ") + b"\n" for value in values if value))
    return file
