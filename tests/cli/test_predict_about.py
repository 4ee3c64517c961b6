"""``newsquake predict`` with a model that can be asked about a company."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

TEXT = "Markets sinks; Ford soars; Boeing sinks"


@pytest.fixture(autouse=True)
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the model where Python finds it as a plug-in called "asked"."""
    info = tmp_path / "asked-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: asked\nVersion: 1.0\n")
    entry = "[newsquake.classifiers]\nasked = tests.asked_model:load\n"
    (info / "entry_points.txt").write_text(entry)
    monkeypatch.syspath_prepend(str(tmp_path))


def invoke(*arguments: str, model: str = "asked", stdin: bytes = b"") -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["predict", "--model", model, *arguments], input=stdin)


def answers(result: Result) -> list[dict[str, Any]]:
    """Return the command's lines of JSON as objects."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_what_a_text_says_about_each_of_its_companies_is_shown() -> None:
    """A user would judge the model by one sentiment for two companies."""
    text, alone = answers(invoke("--json", TEXT, "Ford sinks"))
    assert (text["sentiment"]["negative"], text["severity"]) == (0.875, 2.5)
    assert {name: about["negative"] for name, about in text["about"].items()} == {
        "company:F": 0.0,
        "company:BA": 0.875,
    }
    assert text["about"]["company:BA"]["severity"] == 2.5
    assert "about" not in alone
    shown = invoke(TEXT).stdout
    assert "severity  2.5 of 3" in shown
    assert "Ford: 75% positive, 25% neutral, 0% negative, severity 0.0 of 3" in shown
    assert "Boeing: 88% negative" in shown


def test_a_subject_may_be_named() -> None:
    """A user could not ask about a company that is in no list."""
    (answer,) = answers(invoke("--json", "--subject", "Orbit", "Orbit soars; Ford sinks"))
    assert answer["about"] == {
        "Orbit": {"negative": 0.0, "neutral": 0.25, "positive": 0.75, "severity": 0.0}
    }


def test_a_model_that_cannot_be_asked_is_named() -> None:
    """The sentiment of the whole text would pass for an answer."""
    result = invoke("--subject", "Ford", TEXT, model="lexicon")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "lexicon-2 can't be asked about a company" in result.stderr
    (answer,) = answers(invoke("--json", TEXT, model="lexicon"))
    assert not {"about", "severity"} & set(answer)


def test_the_question_is_explained() -> None:
    """A user would see why the text is bad, and not why it is good for the company."""
    (answer,) = answers(invoke("--json", "--explain", "--subject", "Ford", TEXT))
    explanation = answer["about"]["Ford"]["explanation"]
    assert explanation["labels"] == {"sentiment": "positive"}
    values = dict(explanation["sentiment"])
    assert values["soars;"] == 0.75
    assert values["Ford"] == values["Boeing"] == 0.0
    assert "why       positive" in invoke("--explain", "--subject", "Ford", TEXT).stdout


def test_a_label_asked_for_is_explained_of_each_company() -> None:
    """A user who asks "why not negative?" would hear why it is positive."""
    (answer,) = answers(invoke("--json", "--label", "negative", TEXT))
    about = {name: item["explanation"]["labels"] for name, item in answer["about"].items()}
    assert about == {name: {"sentiment": "negative"} for name in ("company:F", "company:BA")}
    (topic,) = answers(invoke("--json", "--label", "earnings", TEXT))
    assert topic["about"]["company:F"]["explanation"]["method"] == "none"


def test_a_text_whose_question_the_model_fails_on_is_refused_in_its_place() -> None:
    """One company name would end the command with a traceback."""
    lines = b"".join(
        json.dumps({"text": text}).encode() + b"\n" for text in (TEXT, "Poison sinks", TEXT)
    )
    result = invoke("--json", "--subject", "Poison", stdin=lines)
    assert result.exit_code == 1
    assert [list(answer) for answer in answers(result)] == [["error"]] * 3
    assert result.stderr.count("the model fails on it: not a distribution") == 3


def test_an_article_names_a_company_in_its_body() -> None:
    """Companies of the summary would have the sentiment of the headline."""
    line = b'{"headline": "Ford soars", "body": "; Boeing sinks"}\n'
    (answer,) = answers(invoke("--json", stdin=line))
    assert answer["about"]["company:BA"]["negative"] == 0.875
