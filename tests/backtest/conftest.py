"""Running the command in this process, on files made for the purpose."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from demo.feed.generate import generate

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def backtest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``newsquake backtest`` with the word lists, and a cache of its own."""
    monkeypatch.setenv("NEWSQUAKE_NLP__MODEL", "lexicon")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, ["backtest", *map(str, arguments)])

    return run


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's feed as a file: what producers send, broken messages and all."""
    file = tmp_path_factory.mktemp("feed") / "feed.jsonl"
    lines = [it.value for it in generate(articles=3_000).sent if it.kind != "oversized"]
    file.write_bytes(b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines if line))
    return file
