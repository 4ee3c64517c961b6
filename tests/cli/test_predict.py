"""``newsquake predict``: an answer for each text, in its place."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.io import text_input
from cli.io.text_input import Asked, Refused, lines
from cli.main import app
from nlp.classifier import ModelError, Scores

SCRIPT = Path(sys.executable).with_name("newsquake")
GOOD = b'{"text": "Shares rise"}\n'


def invoke(*arguments: str, given: bytes = b"", model: str = "lexicon") -> Result:
    """Run the command on bytes of standard input."""
    return CliRunner().invoke(app, ["predict", "--model", model, *arguments], input=given)


def answered(result: Result) -> list[dict[str, Any]]:
    """Its lines, as objects."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def as_lines(*texts: object) -> bytes:
    """Texts as the command reads them."""
    return b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)


def test_json_has_the_documented_shape() -> None:
    """A program written to the documentation would not find what it looks for."""
    given = b'{"headline": "Ford cuts jobs", "body": "The carmaker lays off 500.", "id": 7}'
    result = invoke("--json", given=given)
    (said,) = answered(result)
    assert result.exit_code == 0, result.output
    assert list(said) == ["sentiment", "topics", "subjects", "model"]
    assert list(said["sentiment"]) == ["negative", "neutral", "positive"]
    assert sum(said["sentiment"].values()) == pytest.approx(1)
    assert said["topics"] == {"labour": pytest.approx(0.99)}
    assert said["subjects"] == ["company:F", "topic:labour"]
    assert said["model"] == "lexicon-1"


def test_thousands_of_lines_are_answered_in_their_order() -> None:
    """Answers would be joined to the wrong headlines."""
    texts = [("Shares rise" if n % 3 else "Acme slumps") + f" {n}" for n in range(5_000)]
    said = answered(invoke("--json", given=as_lines(*texts)))
    negative = [one["sentiment"]["negative"] > 0.4 for one in said]
    assert negative == [n % 3 == 0 for n in range(5_000)]


def test_bad_lines_are_told_by_number_and_hold_their_place() -> None:
    """One bad line would end a day's work, or shift every answer after it."""
    bad = [b"nope", b"[1]", b'{"name": "x"}', b'{"text": 5}', b'{"text": null}', b"", b'"x"']
    bad += [b'{"text": ""}', b'{"text": " \\u0000 "}', b'{"text": "\xff"}']
    bad += [b'{"text": "\\ud800"}', b'{"headline": "x", "body": 1}']
    result = invoke("--json", given=GOOD + b"".join(line + b"\n" + GOOD for line in bad))
    said = answered(result)
    assert result.exit_code == 1
    assert [list(one) == ["error"] for one in said] == [n % 2 == 1 for n in range(2 * len(bad) + 1)]
    told = result.stderr.splitlines()
    assert len(told) == len(bad)
    assert [line.split(":")[1] for line in told] == [
        f" line {2 * n}" for n in range(1, 1 + len(bad))
    ]


@pytest.mark.parametrize(
    "text", ["😀🚀", "央行意外降息", "x" * 1_000_000, "a\0b", "\u202eabc", "-5%"]
)
def test_odd_texts_are_answered(text: str) -> None:
    """A feed with an odd headline would end with a traceback."""
    (said,) = answered(invoke("--json", given=as_lines(text)))
    assert sum(said["sentiment"].values()) == pytest.approx(1)
    result = invoke("--explain", given=as_lines(text))
    assert result.exit_code == 0, result.output
    assert not set(result.stdout) & {"\0", "\u202e"}
    assert len(result.stdout) < 5_000


def test_a_line_without_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no JSONL would fill the memory before anybody is told."""
    monkeypatch.setattr(text_input, "READ", 10)
    monkeypatch.setattr(text_input, "LONGEST", 30)
    stream = io.BufferedReader(io.BytesIO(b"x" * 300 + b"\n" + GOOD + b"y" * 31))  # type: ignore[arg-type]
    found = [one for block in lines(stream) for one in block]
    assert [type(one) for one in found] == [Refused, Asked, Refused]
    assert "longer than" in found[0][0]


def test_blocks_are_bounded_and_lose_no_line() -> None:
    """A fast producer would fill the memory, or a line at a border be lost."""
    many = b"".join(as_lines(f"text {n}") for n in range(20_000)).rstrip(b"\n")
    blocks = list(lines(io.BufferedReader(io.BytesIO(many))))  # type: ignore[arg-type]
    assert max(map(len, blocks)) <= 512
    texts = [one.text for block in blocks for one in block if isinstance(one, Asked)]
    assert texts == [f"text {n}" for n in range(20_000)]


def test_a_text_that_the_model_fails_on_is_told_and_the_others_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One poisonous text would take its whole block with it."""

    class Choosy:
        model_id = "choosy"

        def classify(self, texts: Sequence[str]) -> list[Scores]:
            if "poison" in texts:
                raise ModelError("can't\nread it")
            return [Scores(0.1, 0.8, 0.1, {"ipo": 0.9, "macro": 0.2}, ("macro",)) for _ in texts]

    monkeypatch.setattr("nlp.load.load", lambda _: Choosy())
    result = invoke("--json", given=as_lines("a", "b", "poison", "c"))
    said = answered(result)
    assert result.exit_code == 1
    assert [one.get("error") for one in said] == [
        None,
        None,
        "line 3: the model fails on it: can't read it",
        None,
    ]
    assert said[0]["subjects"] == ["topic:macro"]
    assert said[0]["topics"] == {"ipo": 0.9, "macro": 0.2}


def test_explanations_are_in_the_json() -> None:
    """A program that shows reasons would have none."""
    (said,) = answered(invoke("--json", "--explain", "Acme slumps after lawsuit"))
    why = said["explanation"]
    assert [word for word, _ in why["sentiment"]] == ["Acme", "slumps", "after", "lawsuit"]
    assert why["labels"] == {"sentiment": "negative", "topic": "litigation"}
    assert why["method"] == "cues"
    assert dict(why["topic"])["lawsuit"] > 0


def test_people_see_the_text_its_scores_and_why() -> None:
    """A user would have to read JSON."""
    result = invoke("--explain", "Acme slumps after lawsuit", "Apple beats estimates")
    assert result.exit_code == 0, result.output
    for seen in ("Acme slumps", "negative", "█", "litigation", "slumps +", "company:AAPL"):
        assert seen in result.stdout


@pytest.mark.parametrize("text", ["", "  ", "\x1b"])
def test_an_empty_argument_is_one_line(text: str) -> None:
    """A script with an unset variable would get an answer about nothing."""
    result = invoke(text)
    assert result.exit_code == 1
    assert result.stderr == "newsquake: text 1: is empty: there is nothing to predict\n"


@pytest.mark.parametrize("model", ["", "/nowhere", "null+", "zero-shot"])
def test_a_wrong_model_is_one_line_before_anything_is_read(model: str) -> None:
    """A typing error would be told with a traceback, or after reading the input."""
    result = invoke("--json", given=GOOD, model=model)
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith("newsquake: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_bytes_that_are_no_utf8_are_one_line() -> None:
    """An old file's name pasted into the command would be a traceback."""
    done = _process([b"predict", b"--model", b"lexicon", b"caf\xe9 shares"])
    assert done.returncode == 1
    assert done.stderr == b"newsquake: text 1: is not UTF-8\n"


def test_an_answer_does_not_wait_for_the_next_question() -> None:
    """Behind ``tail -f`` a headline's answer would come after five hundred others."""
    command = [SCRIPT, "predict", "--json", "--model", "lexicon"]
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=buffered, **pipes) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(GOOD)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["model"] == "lexicon-1"
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_reader_that_has_enough_ends_it_quietly() -> None:
    """``newsquake predict --json | head`` would end with a traceback."""
    command = [SCRIPT, "predict", "--json", "--model", "lexicon"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(GOOD)
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(GOOD)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def _process(arguments: list[bytes]) -> "subprocess.CompletedProcess[bytes]":
    command = [os.fsencode(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)
