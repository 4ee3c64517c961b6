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
from cli.io.text_input import RefusedInput, TextInput, from_lines
from cli.main import app
from nlp.classifier import ModelError, Scores

SCRIPT = Path(sys.executable).with_name("newsquake")
GOOD = b'{"text": "Shares rise"}\n'


def invoke(*arguments: str, stdin: bytes = b"", model: str = "lexicon") -> Result:
    """Run the command on bytes of standard input."""
    return CliRunner().invoke(app, ["predict", "--model", model, *arguments], input=stdin)


def answers(result: Result) -> list[dict[str, Any]]:
    """Return the command's lines of JSON as objects."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def as_lines(*texts: object) -> bytes:
    """Return texts as the command reads them."""
    return b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)


def stream(content: bytes) -> io.BufferedReader:
    """Return a stream like standard input."""
    return io.BufferedReader(io.BytesIO(content))


def test_json_has_the_documented_shape() -> None:
    """A program written to the documentation would not find what it looks for."""
    line = b'{"headline": "Ford cuts jobs", "body": "The carmaker lays off 500.", "id": 7}'
    result = invoke("--json", stdin=line)
    (answer,) = answers(result)
    assert result.exit_code == 0, result.output
    names = ["sentiment", "topics", "subjects", "model", "language", "unread"]
    assert list(answer) == names
    assert list(answer["sentiment"]) == ["negative", "neutral", "positive"]
    assert sum(answer["sentiment"].values()) == pytest.approx(1)
    assert answer["topics"] == {"company-product-news": pytest.approx(0.99)}
    assert answer["subjects"] == ["company:F", "topic:company-product-news"]
    assert answer["model"] == "lexicon-2"
    assert (answer["language"], answer["unread"]) == ("en", False)


def test_the_language_and_the_model_that_reads_it_are_shown() -> None:
    """A user could not tell a neutral text from one that no model reads."""
    texts = ["海恒股份申请破产", "Nordbau senkt Prognose nach schwachem Quartal"]
    lines = as_lines(*texts) + b'{"text": "Ford cuts jobs", "language": "de"}\n'
    read = [
        (answer["language"], answer["model"]) for answer in answers(invoke("--json", stdin=lines))
    ]
    assert read == [("zh", "lexicon-zh-1"), ("de", "unread"), ("de", "unread")]
    unread = answers(invoke("--json", stdin=lines))[2]
    assert (unread["unread"], unread["subjects"], unread["topics"]) == (True, [], {})
    shown = invoke(*texts).stdout
    assert "zh, read by lexicon-zh-1" in shown
    assert "no model reads de: name one in nlp.languages.de" in shown


def test_thousands_of_lines_are_answered_in_their_order() -> None:
    """Answers would be joined to the wrong headlines."""
    texts = [("Shares rise" if n % 3 else "Acme slumps") + f" {n}" for n in range(5_000)]
    is_negative = [
        answer["sentiment"]["negative"] > 0.4
        for answer in answers(invoke("--json", stdin=as_lines(*texts)))
    ]
    assert is_negative == [n % 3 == 0 for n in range(5_000)]


def test_bad_lines_are_reported_by_number_and_keep_their_place() -> None:
    """One bad line would end a day's work, or shift every answer after it."""
    bad = [b"nope", b"[1]", b'{"name": "x"}', b'{"text": 5}', b'{"text": null}', b"", b'"x"']
    bad += [b'{"text": ""}', b'{"text": " \\u0000 "}', b'{"text": "\xff"}']
    bad += [b'{"text": "\\ud800"}', b'{"headline": "x", "body": 1}']
    result = invoke("--json", stdin=GOOD + b"".join(line + b"\n" + GOOD for line in bad))
    assert result.exit_code == 1
    is_error = [list(answer) == ["error"] for answer in answers(result)]
    assert is_error == [n % 2 == 1 for n in range(2 * len(bad) + 1)]
    messages = result.stderr.splitlines()
    assert len(messages) == len(bad)
    assert [message.split(":")[1] for message in messages] == [
        f" line {2 * n}" for n in range(1, 1 + len(bad))
    ]


@pytest.mark.parametrize(
    "text", ["😀🚀", "央行意外降息", "x" * 1_000_000, "a\0b", "\u202eabc", "-5%"]
)
def test_odd_texts_are_answered(text: str) -> None:
    """A feed with an odd headline would end with a traceback."""
    (answer,) = answers(invoke("--json", stdin=as_lines(text)))
    assert sum(answer["sentiment"].values()) == pytest.approx(1)
    result = invoke("--explain", stdin=as_lines(text))
    assert result.exit_code == 0, result.output
    assert not set(result.stdout) & {"\0", "\u202e"}
    assert len(result.stdout) < 5_000


def test_a_line_without_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no JSONL would fill the memory before any message."""
    monkeypatch.setattr(text_input, "READ_BYTES", 10)
    monkeypatch.setattr(text_input, "MAX_LINE_BYTES", 30)
    content = b"x" * 300 + b"\n" + GOOD + b"y" * 31
    items = [item for block in from_lines(stream(content)) for item in block]
    assert [type(item) for item in items] == [RefusedInput, TextInput, RefusedInput]
    assert "longer than" in items[0][0]


def test_blocks_are_bounded_and_lose_no_line() -> None:
    """A fast producer would fill the memory, or a line at a border would be lost."""
    content = b"".join(as_lines(f"text {n}") for n in range(20_000)).rstrip(b"\n")
    blocks = list(from_lines(stream(content)))
    assert max(map(len, blocks)) <= 512
    texts = [item.text for block in blocks for item in block if isinstance(item, TextInput)]
    assert texts == [f"text {n}" for n in range(20_000)]


def test_a_text_that_the_model_fails_on_is_refused_and_the_others_are_answered(
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
    result = invoke("--json", stdin=as_lines("a", "b", "poison", "c"))
    assert result.exit_code == 1
    lines = answers(result)
    assert [line.get("error") for line in lines] == [
        None,
        None,
        "line 3: the model fails on it: can't read it",
        None,
    ]
    assert lines[0]["subjects"] == ["topic:macro"]
    assert lines[0]["topics"] == {"ipo": 0.9, "macro": 0.2}


def test_people_see_the_text_its_scores_and_the_explanation() -> None:
    """A user would have to read JSON."""
    result = invoke("--explain", "Acme slumps after lawsuit", "Apple beats estimates")
    assert result.exit_code == 0, result.output
    for text in ("Acme slumps", "negative", "█", "legal-regulation", "slumps +", "company:AAPL"):
        assert text in result.stdout


@pytest.mark.parametrize("text", ["", "  ", "\x1b"])
def test_an_empty_argument_is_reported_in_one_line(text: str) -> None:
    """A script with an unset variable would get an answer about nothing."""
    result = invoke(text)
    assert result.exit_code == 1
    assert result.stderr == "newsquake: text 1: is empty: there is nothing to predict\n"


@pytest.mark.parametrize("model", ["", "/nowhere", "null+", "zero-shot"])
def test_a_wrong_model_is_reported_in_one_line_before_any_input_is_read(model: str) -> None:
    """A typing error would show a traceback, or only after all input was read."""
    result = invoke("--json", stdin=GOOD, model=model)
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith("newsquake: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_bytes_that_are_not_utf8_are_reported_in_one_line() -> None:
    """An old file's name pasted into the command would show a traceback."""
    command = [os.fsencode(SCRIPT), b"predict", b"--model", b"lexicon", b"caf\xe9 shares"]
    process = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert process.returncode == 1
    assert process.stderr == b"newsquake: text 1: is not UTF-8\n"


def test_an_answer_does_not_wait_for_the_next_question() -> None:
    """Behind ``tail -f`` a headline's answer would come after five hundred others."""
    with subprocess.Popen(
        [str(SCRIPT), "predict", "--json", "--model", "lexicon"],
        env={**os.environ, "PYTHONUNBUFFERED": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(GOOD)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["model"] == "lexicon-2"
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_reader_that_stops_early_ends_the_command_without_a_message() -> None:
    """``newsquake predict --json | head`` would end with a traceback."""
    with subprocess.Popen(
        [str(SCRIPT), "predict", "--json", "--model", "lexicon"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
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
