"""``newsquake predict --explain``: why a text has a label, or does not have it."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app


def invoke(*arguments: str) -> Result:
    """Run the command with the word lists."""
    return CliRunner().invoke(app, ["predict", "--model", "lexicon", *arguments])


def answers(result: Result) -> list[dict[str, Any]]:
    """Return the command's lines of JSON as objects."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_explanations_are_in_the_json() -> None:
    """A program that shows explanations would have none."""
    (answer,) = answers(invoke("--json", "--explain", "Acme slumps after lawsuit"))
    explanation = answer["explanation"]
    assert [word for word, _ in explanation["sentiment"]] == ["Acme", "slumps", "after", "lawsuit"]
    assert explanation["labels"] == {"sentiment": "negative", "topic": "legal-regulation"}
    assert explanation["method"] == "cues"
    assert dict(explanation["topic"])["lawsuit"] > 0


@pytest.mark.parametrize(
    ("label", "task", "name"),
    [("positive", "sentiment", "positive"), ("Bullish", "sentiment", "positive"),
     ("Litigation", "topic", "legal-regulation")],
)  # fmt: skip
def test_the_label_that_is_asked_for_is_explained(label: str, task: str, name: str) -> None:
    """A user who asks "why not positive?" would hear why it is negative."""
    (answer,) = answers(invoke("--json", "--label", label, "Acme slumps after lawsuit"))
    explanation = answer["explanation"]
    assert explanation["labels"] == {task: name}
    values = dict(explanation[task])
    assert values["slumps"] < 0 if task == "sentiment" else values["lawsuit"] > 0
    shown = invoke("--label", label, "Acme slumps after lawsuit").stdout
    assert ("why not" in shown) == (task == "sentiment")


def test_a_label_that_no_model_gives_is_refused_with_those_that_there_are() -> None:
    """A typing error would show an explanation in which no word counts."""
    result = invoke("--explain", "--label", "angry", "Acme slumps")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("newsquake: --label angry is none of negative, neutral,")
