"""Metrics of a running worker, read at its ports as Prometheus does."""

import json
import random
import socket
import time
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from prometheus_client.parser import text_string_to_metric_families

Run = Callable[..., CompletedProcess[str]]
Working = Callable[[], AbstractContextManager[None]]
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]

NEWS, COPIES, BAD = 30, 7, 4
AGENTS = ("ingest", "score", "detect")
SECONDS = 60


def scraped(port: int) -> Samples:
    """Return all samples at a port, by name and labels; none while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    """Return one sample, 0 if it is missing."""
    return samples.get((f"newsquake_{name}", tuple(sorted(labels.items()))), 0.0)


def until(port: int, agent: str, count: int) -> Samples:
    """Return the samples once ``count`` records are processed."""
    deadline = time.monotonic() + SECONDS
    while value(samples := scraped(port), "records_in_total", agent=agent) < count:
        assert time.monotonic() < deadline, samples
        time.sleep(0.2)
    return samples


def free_ports() -> int:
    """Return the first of three adjacent free ports, drawn so that tests side by side differ."""
    firsts = range(20_000, 30_000, 3)
    for first in random.sample(firsts, len(firsts)):
        try:
            for port in range(first, first + 3):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no ports are free")


def articles(path: Path) -> Path:
    """Write news, copies of some of it, and rows that are no news."""
    rows = [
        {
            "id": str(number % NEWS),
            "source": "wire",
            "headline": f"Acme faces bankruptcy {number % NEWS}",
            "published": f"2024-01-01T10:00:{number % NEWS:02}Z",
            "tickers": ["ACME"],
        }
        for number in range(NEWS + COPIES)
    ]
    bad = [{"headline": "no time", "id": f"bad{number}"} for number in range(BAD)]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, *bad]), "utf-8")
    return path


@pytest.mark.kafka
@pytest.mark.parametrize("split", ["true", "false"])
def test_counts_are_what_was_published(
    newsquake: Run, working: Working, environment: dict[str, str], tmp_path: Path, split: str
) -> None:
    """Dashboards would show a pipeline that is not there, and alert rules stay silent."""
    first = free_ports()
    environment |= {
        "NEWSQUAKE_METRICS__PORT": str(first),
        "NEWSQUAKE_METRICS__HOST": "127.0.0.1",
        "NEWSQUAKE_WORKER__SPLIT": split,
        "NEWSQUAKE_NLP__SHADOW": "null",
    }
    ports = range(first, first + 3) if split == "true" else [first] * 3
    prefix = environment["NEWSQUAKE_KAFKA__PREFIX"]
    assert newsquake("topics", "create").returncode == 0
    sent = newsquake("publish", str(articles(tmp_path / "news.jsonl")), "--send-refused")
    assert sent.returncode == 0, sent.stderr
    with working():
        ingest = until(ports[0], "ingest", NEWS + COPIES + BAD)
        score = until(ports[1], "score", NEWS + COPIES)
        signals = value(score, "records_out_total", agent="score", topic=f"{prefix}news.signals")
        detect = until(ports[2], "detect", int(signals))
    assert value(ingest, "dead_letters_total", agent="ingest", reason="invalid") == BAD
    accepted = {"agent": "ingest", "topic": f"{prefix}news.accepted"}
    assert value(ingest, "records_out_total", **accepted) == NEWS + COPIES
    assert value(score, "duplicates_total", agent="score") == COPIES
    scored = {"agent": "score", "topic": f"{prefix}news.scored"}
    assert value(score, "records_out_total", **scored) == NEWS <= signals
    assert value(score, "shadow_compared_total", agent="score") == NEWS
    assert value(score, "shadow_disagreements_total", agent="score", task="sentiment") == NEWS
    assert 0 < value(score, "shadow_negative_difference_total", agent="score") < NEWS
    assert value(score, "batch_records_sum", agent="score") == NEWS + COPIES
    assert value(score, "model_seconds_count", agent="score") > 0
    names = {name: labels for name, labels in score if name == "newsquake_build_info"}
    assert dict(names["newsquake_build_info"])["version"]
    for samples, agent in zip((ingest, score, detect), AGENTS, strict=True):
        done = value(samples, "transactions_total", agent=agent, outcome="committed")
        assert 0 < done == value(samples, "commit_seconds_count", agent=agent)
        assert value(samples, "last_record_timestamp_seconds", agent=agent) > 1.7e9
    assert value(detect, "records_in_total", agent="detect") == signals
    assert ("process_resident_memory_bytes", ()) in detect


@pytest.mark.kafka
def test_a_port_that_is_taken_ends_the_worker_in_one_line(
    newsquake: Run, environment: dict[str, str]
) -> None:
    """A worker would run unseen, or end in a traceback."""
    assert newsquake("topics", "create").returncode == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment |= {
            "NEWSQUAKE_METRICS__PORT": port,
            "NEWSQUAKE_METRICS__HOST": "127.0.0.1",
        }
        ended = newsquake("worker", "--agents", "ingest")
    assert ended.returncode == 1
    assert f"127.0.0.1:{port}" in ended.stderr
    assert "metrics.port" in ended.stderr
    assert "Traceback" not in ended.stderr
