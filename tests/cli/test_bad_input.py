"""Unusable input for the commands about models: one line each, and nothing written."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from nlp.transformer.model_path import SHIPPED

pytestmark = pytest.mark.model

COMMANDS = ("train", "evaluate", "adapt")
ROWS = {
    "empty text": ('text,label\n"",1\n', "sentiment.csv:2: the text is empty"),
    "only NUL": ('text,label\n"\0",1\n', "sentiment.csv:2: the text is empty"),
    "1 MB of text": (f"text,label\n{'x' * 1_000_000},1\n", "field larger than"),
    "no such label": ("text,label\nShares fall,gloomy\n", "label 'gloomy' is none of"),
    "no column": ("headline,mood\nShares fall,0\n", "needs the columns text and label"),
    "no rows": ("text,label\n", "has no rows"),
}


def assert_refused(result: Result, problem: str) -> None:
    """Assert that the command failed, and that its last line says why.

    Before it may stand what each label was taken for, and how many corrections are needed.
    """
    lines = result.stderr.strip().splitlines()
    assert result.exit_code != 0
    assert [line for line in lines if line.startswith("newsquake: ")] == lines[-1:], result.output
    assert not any(line.startswith((" ", "Traceback")) for line in lines), result.output
    assert problem in lines[-1]


def invoke(*arguments: object, stdin: bytes = b"") -> Result:
    """Run the command in this process, as its own exit would end it."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def asking(command: str, rows: Path, into: Path) -> list[object]:
    """Return the command's arguments for the sentiments in ``rows``, with output in ``into``."""
    if command == "train":
        return ["train", "--sentiment", rows, "--out", into, "--device", "cpu"]
    if command == "evaluate":
        return ["evaluate", "null", "--sentiment", rows, "--plots", into]
    feedback = into.with_name("feedback.jsonl")
    feedback.write_text(json.dumps({"headline": "Shares fall", "sentiment": "negative"}))
    return ["adapt", "--models", into, "--feedback", feedback, "--old-sentiment", rows]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("content", "problem"), ROWS.values(), ids=ROWS)
def test_bad_rows_are_one_line(tmp_path: Path, command: str, content: str, problem: str) -> None:
    """A user would search a traceback for the line to mend, and find half a model besides."""
    rows = tmp_path / "sentiment.csv"
    rows.write_text(content)
    assert_refused(invoke(*asking(command, rows, tmp_path / "out")), problem)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def broken(tmp_path: Path, kind: str) -> Path:
    """A folder that is no model, each in its own way."""
    folder = tmp_path / "model"
    if kind == "no model":
        folder.mkdir()
    elif kind == "pickle":
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    else:
        shutil.copytree(SHIPPED, folder)
        heads = folder / "heads.safetensors"
        heads.chmod(0o644)
        heads.write_bytes(heads.read_bytes()[:100])
    return folder


@pytest.mark.parametrize("kind", ["no model", "pickle", "truncated"])
@pytest.mark.parametrize("command", ["predict", "evaluate", "train", "adapt"])
def test_a_folder_without_a_model_is_one_line(tmp_path: Path, command: str, kind: str) -> None:
    """A pickle would run code, and half a file answer with numbers that mean nothing."""
    folder, out, rows = broken(tmp_path, kind), tmp_path / "out", tmp_path / "sentiment.csv"
    rows.write_text("text,label\nShares fall,negative\nShares rise,positive\n")
    arguments = {
        "predict": ["predict", "--model", folder, "Shares fall"],
        "evaluate": ["evaluate", folder, rows, "--plots", out],
        "train": ["train", "--sentiment", rows, "--init", folder, "--out", out],
        "adapt": ["adapt", "--models", out, "--put", folder],
    }
    assert_refused(invoke(*arguments[command]), str(folder))
    assert not out.exists() or not [file for file in out.rglob("*") if file.is_file()]


ODD = {
    "1 MB": "Shares fall. " * 80_000,
    "emoji only": "\N{CHART WITH DOWNWARDS TREND}\N{FIRE}",
    "Chinese": "\u80a1\u4ef7\u4e0b\u8dcc",
    "Arabic": "\u0627\u0646\u062e\u0641\u0636\u062a \u0627\u0644\u0623\u0633\u0647\u0645",
    "NUL within": "Shares\0fall",
}


def test_odd_texts_are_answered_in_order_and_empty_ones_refused() -> None:
    """Answers would move to other texts, or one odd text end the whole run."""
    lines = [{"text": text} for text in (*ODD.values(), "", "\0", "Shares fall")]
    stdin = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    result = invoke("predict", "--model", "shipped", "--json", stdin=stdin)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [False] * len(ODD) + [True, True, False]
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 2
    for answer in answers[: len(ODD)]:
        assert sum(answer["sentiment"].values()) == pytest.approx(1)
        assert {"sentiment", "topics", "subjects", "model"} <= set(answer)


def test_more_accumulated_batches_than_there_are_is_an_error(tmp_path: Path) -> None:
    """Training would end without a step, and its output would pass for a model."""
    rows, out = tmp_path / "sentiment.csv", tmp_path / "out"
    lines = [
        f"Shares {verb} by {cents} cents,{label}"
        for verb, label in (("fall", "negative"), ("rise", "positive"), ("move", "neutral"))
        for cents in range(2, 40)
    ]
    rows.write_text("\n".join(["text,label", *lines]))
    arguments = (
        "train",
        "--sentiment",
        rows,
        "--out",
        out,
        "--device",
        "cpu",
        "--accumulate",
        "99",
    )
    result = invoke(*arguments)
    assert result.exit_code != 0
    problem = result.stderr.strip().splitlines()[-1]  # after what the labels were taken for
    assert problem.startswith("newsquake: ")
    assert "--accumulate" in problem
    assert not list(out.iterdir())
