"""The commands of docs/models.md in order: train, evaluate, predict, and a worker."""

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
VERB_SENTIMENTS = {"soar": "positive", "plunge": "negative", "are unchanged": "neutral"}
PHRASE_TOPICS = {"after it raised its dividend": "dividend", "as it files for an ipo": "ipo"}


def rows(days: range, task: str) -> str:
    """Return JSON lines of headlines whose sentiment and topic are easy to learn."""
    lines = []
    for day, name, (verb, sentiment), (phrase, topic) in product(
        days, NAMES, VERB_SENTIMENTS.items(), PHRASE_TOPICS.items()
    ):
        label = sentiment if task == "sentiment" else topic
        lines.append(json.dumps({"text": f"{name} shares {verb} {phrase} {day}", "label": label}))
    return "\n".join(lines) + "\n"


def test_a_model_of_ones_own_from_rows_to_alerts(
    environment: dict[str, str], tmp_path: Path, working: Working
) -> None:
    """A data scientist could train a model that no worker runs, or that cannot be evaluated."""

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
    files = ("--sentiment", tmp_path / "sentiment.jsonl", "--topics", tmp_path / "topics.jsonl")
    quick = ("--epochs", 3, "--batch", 16, "--rate", 0.003, "--rank", 4, "--threads", 1)
    newsquake("train", *files, "--out", model, *quick)
    log = [json.loads(line) for line in (model / "training.jsonl").read_text().splitlines()]
    events = [line["event"] for line in log if line["event"] != "step"]
    assert events == ["start", "begin", *["epoch"] * 3, "result"]

    data = ("--sentiment", tmp_path / "new-sentiment.jsonl")
    report = json.loads(newsquake("evaluate", model, *data, "--json"))
    assert "accuracy" in json.dumps(report)

    line = json.dumps({"text": "Acme shares plunge"}) + "\n"
    answer = json.loads(newsquake("predict", "--model", model, "--json", text=line))
    assert max(answer["sentiment"], key=answer["sentiment"].get) == "negative"
    assert answer["model"].startswith("mine@")

    environment["NEWSQUAKE_NLP__MODEL"] = str(model)
    newsquake("topics", "create")
    article = {"title": "Acme shares plunge", "pubDate": "2031-01-02T03:04:05Z", "tickers": ["ACM"]}
    with working():
        newsquake("publish", "-", "--format", "jsonl", text=json.dumps(article) + "\n")
        watch = ("watch", "scored", "--json", "--from-beginning", "--until-idle", 10)
        scored = json.loads(next(filter(None, (newsquake(*watch) for _ in range(9)))))
    assert scored["model"] == answer["model"]
    assert max(scored["sentiment"], key=scored["sentiment"].get) == "negative"
    assert "company:ACM" in scored["subjects"]
