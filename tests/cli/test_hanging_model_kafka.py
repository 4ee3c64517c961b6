"""A worker whose plug-in never answers, on a real broker: it says so, and ends at the limit."""

from pathlib import Path

import pytest

from tests.cli.test_circuit_kafka import (
    SECONDS,
    Run,
    Worker,
    publish,
    scored,
    started,
    state,
    until,
    written,
)

__all__ = ["state"]
pytestmark = pytest.mark.kafka


def test_a_model_that_hangs_opens_its_circuit_and_the_limit_ends_the_worker(
    environment: dict[str, str], newsquake: Run, state: Path, tmp_path: Path
) -> None:
    """A connection that is dead and never closed would hold up all news until a person looks."""
    environment["NEWSQUAKE_CIRCUIT__CALL_TIMEOUT"] = "1"
    environment["NEWSQUAKE_CIRCUIT__LIMIT"] = "8"
    assert newsquake("topics", "create").returncode == 0
    state.write_text("up")
    with started(environment, tmp_path, 1) as workers:
        (worker,) = workers
        publish(environment, range(10))
        scored(environment, 10)
        state.write_text("hangs")
        publish(environment, range(10, 30))
        assert "has not answered" in until(worker.why_paused)
        assert worker.process.wait(SECONDS) == 1
        (opened,) = worker.lines("circuit of the model is open")
        assert opened["problem"].startswith("NoAnswer")
        (failed,) = worker.lines("worker failed")
        assert "NEWSQUAKE_CIRCUIT__LIMIT" in failed["problem"]
        state.write_text("up")
        workers[0] = Worker(environment, tmp_path / "next.log", worker.port)
        articles = scored(environment, 30)
        assert workers[0].end() < 5
    assert [each.article.key for each in articles] == [f"n{number}" for number in range(30)]
    assert written(environment, "news.dead") == []
