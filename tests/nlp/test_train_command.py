"""``newsquake train``: what it makes of labels, where it starts, and what it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from nlp.transformer.model_files import trained_tasks

pytestmark = pytest.mark.model

QUICK = ("--epochs", "1", "--batch", "16", "--held-out", "0.2", "--device", "cpu", "--threads", "1")
NAMES = ("Acme", "Bolt", "Crux", "Dyne", "Echo", "Flux", "Gild", "Hale", "Iris", "Jade")
NUMBERS = {"soars": 2, "plunges": 0, "meets": 1}


def train(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


def events(out: Path, kind: str) -> list[dict[str, Any]]:
    """Return the lines of the log with events of a kind."""
    lines = [json.loads(line) for line in (out / "training.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == kind]


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    """Return forty rows a sentiment whose labels are numbers in the usual order."""
    rows = [
        f"{name} stock {verb} {n},{number}"
        for n in range(4)
        for name in NAMES
        for verb, number in NUMBERS.items()
    ]
    path = tmp_path / "sentiment.csv"
    path.write_text("\n".join(["text,label", *rows]))
    return path


def test_numbers_are_not_learnt_before_their_meaning_is_said(
    numbered: Path, tmp_path: Path
) -> None:
    """A model would learn neutral as positive and positive as neutral, without a word."""
    out = tmp_path / "model"
    result = train("--sentiment", numbered, "--out", out)
    assert result.exit_code == 1
    assert "0 (40 rows), 1 (40 rows), 2 (40 rows)" in result.stderr
    assert "--labels 0=negative,1=neutral,2=positive" in result.stderr
    assert not out.exists()
    refused = train("--sentiment", numbered, "--out", out, "--labels", "0=bad")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_the_shipped_model_learns_on_and_is_scored_before_and_after(
    numbered: Path, tmp_path: Path
) -> None:
    """A user could not tell whether the rows taught the model anything, or are mapped wrong."""
    out = tmp_path / "model"
    usual = ("--labels", "0=negative,1=neutral,2=positive")
    result = train("--sentiment", numbered, "--out", out, *usual, *QUICK)
    assert result.exit_code == 0, result.output
    assert "0 = negative (40 rows), 1 = neutral (40 rows), 2 = positive (40 rows)" in result.stderr
    assert re.search(r"starts from shipped-\d+@\w{8}, which scores", result.stderr)
    assert "without rows of topic, nobody sees whether topics get worse" in result.stderr
    (start,), (end,) = events(out, "start"), events(out, "result")
    before, after = start["scores"]["sentiment"], end["scores"]["sentiment"]
    assert before["rows"] == after["rows"] == 24
    assert before["accuracy"] > 0.5
    for figures in (before, after):
        assert f"accuracy {figures['accuracy']:.3f}" in result.stderr
    assert json.loads((out / "newsquake.json").read_text())["recipe"]["init"].startswith("shipped")
    assert trained_tasks(out) == ("sentiment", "topic")


def test_a_wrong_map_is_noticed_by_the_scores_of_the_start(numbered: Path, tmp_path: Path) -> None:
    """An hour of training would end with a model that calls good news bad."""
    out = tmp_path / "model"
    swapped = ("--labels", "0=positive,1=negative,2=neutral", "--held-out", "0.4")
    result = train("--sentiment", numbered, "--out", out, *QUICK, *swapped)
    assert result.exit_code == 0, result.output
    assert "worse than chance: is the map of the sentiment labels right?" in result.stderr


@pytest.mark.parametrize("option", [("--init", "encoder"), ("--method", "lora")])
def test_the_plain_encoder_is_named_and_knows_no_topics(
    sixty_rows: Path, tmp_path: Path, option: tuple[str, str]
) -> None:
    """A user would not know that nothing learnt before is in the model."""
    out = tmp_path / "model"
    result = train("--sentiment", sixty_rows, "--out", out, *option, "--rank", "2", *QUICK)
    assert result.exit_code == 0, result.output
    assert "starts from the plain encoder, which has learnt no labels" in result.stderr
    assert "without rows of topic, the model will give no topics" in result.stderr
    assert trained_tasks(out) == ("sentiment",)
    assert events(out, "start") == []
