"""docs/models.md walked from end to end: train, evaluate, predict, and a worker with the model."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path

import pytest

Working = Callable[[], AbstractContextManager[None]]

pytestmark = [pytest.mark.kafka, pytest.mark.model]

SCRIPT = Path(sys.executable).with_name("newsquake")
NAMES = ("Acme", "Bolt", "Crux", "Dyne", "Echo", "Flux", "Gild", "Hale", "Iris", "Jade")
SOUNDS = {"soar": "positive", "plunge": "negative", "are unchanged": "neutral"}
TOPICS = {"after it raised its dividend": "dividend", "as it files for an ipo": "ipo"}


def rows(days: range, task: str) -> str:
    """JSON lines of headlines that say plainly how they sound and what they are about."""
    lines = []
    for day, name, (verb, sound), (words, topic) in product(
        days, NAMES, SOUNDS.items(), TOPICS.items()
    ):
        label = sound if task == "sentiment" else topic
        lines.append(json.dumps({"text": f"{name} shares {verb} {words} {day}", "label": label}))
    return "\n".join(lines) + "\n"


def test_a_model_of_ones_own_from_rows_to_alerts(
    environment: dict[str, str], tmp_path: Path, working: Working
) -> None:
    """A data scientist could train a model that no worker takes, or that no one can judge."""

    def newsquake(*arguments: object, text: str = "") -> str:
        done = subprocess.run(
            [SCRIPT, *map(str, arguments)],
            env={**environment, "OMP_NUM_THREADS": "1"},
            input=text,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    for task in ("sentiment", "topics"):
        (tmp_path / f"{task}.jsonl").write_text(rows(range(4), task))
        (tmp_path / f"new-{task}.jsonl").write_text(rows(range(7, 8), task))
    model = tmp_path / "mine"
    learn = ("--sentiment", tmp_path / "sentiment.jsonl", "--topics", tmp_path / "topics.jsonl")
    quick = ("--epochs", 3, "--batch", 16, "--rate", 0.003, "--rank", 4, "--threads", 1)
    newsquake("train", *learn, "--out", model, *quick)
    log = [json.loads(line) for line in (model / "training.jsonl").read_text().splitlines()]
    assert [line["event"] for line in log if line["event"] != "step"] == ["begin", *["epoch"] * 3]

    exams = ("--sentiment", tmp_path / "new-sentiment.jsonl")
    judged = json.loads(newsquake("evaluate", model, *exams, "--json"))
    assert "accuracy" in json.dumps(judged)

    said = newsquake("predict", "--model", model, "--json", text='{"text": "Acme shares plunge"}\n')
    answer = json.loads(said)
    assert max(answer["sentiment"], key=answer["sentiment"].get) == "negative"
    assert answer["model"].startswith("mine@")

    environment["NEWSQUAKE_NLP__MODEL"] = str(model)
    newsquake("topics", "create")
    article = {"title": "Acme shares plunge", "pubDate": "2031-01-02T03:04:05Z", "tickers": ["ACM"]}
    with working():
        newsquake("publish", "-", "--format", "jsonl", text=json.dumps(article) + "\n")
        watch = ("watch", "scored", "--json", "--from-beginning", "--until-idle", 10)
        scored = next(filter(None, (newsquake(*watch) for _ in range(9))))
    found = json.loads(scored)
    assert found["model"] == answer["model"]
    assert found["sentiment"]["negative"] > max(
        found["sentiment"]["neutral"], found["sentiment"]["positive"]
    )
    assert "company:ACM" in found["subjects"]
