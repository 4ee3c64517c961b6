"""``newsquake evaluate``: reports for people and for programs."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

SENTIMENTS = """text,label
Tove Motors beats estimates,pos
Borogove Bank files for bankruptcy,Bearish
Gyre names a new office,LABEL_neutral
Wabe does not win approval for its drug,negative
$MIMSY soars to a record high,bullish
Rath Insurance holds its annual meeting,neutral
"""
TRAIN = "text,label\nMIMSY soars to a record high https://t.co/a,1\n"
TOPICS = "text,label\nTove agrees to buy Gyre,M&A | Investments\nRath goes public,ipo\n"


def evaluate(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def evaluate_json(*arguments: str | Path) -> dict[str, Any]:
    """Return the command's output for programs."""
    result = evaluate(*arguments, "--json")
    assert result.exit_code == 0, result.output
    output: dict[str, Any] = json.loads(result.stdout)
    return output


def write(path: Path, text: str) -> Path:
    """Write a file and return its path."""
    path.write_text(text)
    return path


def assert_refused(result: Result, message: str) -> None:
    """Check that the command printed one line with ``message``, and nothing else."""
    assert result.exit_code in {1, 2}
    assert result.stdout == ""
    assert result.stderr.strip().count("\n") == 0
    assert result.stderr.startswith("newsquake: ")
    assert message in result.stderr


@pytest.fixture
def sentiments(tmp_path: Path) -> Path:
    """Return a file of labelled headlines."""
    return write(tmp_path / "sentiments.csv", SENTIMENTS)


def test_json_has_everything_in_one_object(sentiments: Path, tmp_path: Path) -> None:
    """A program that watches a model would have to read tables."""
    train = write(tmp_path / "train-sentiment.csv", TRAIN)
    output = evaluate_json("lexicon", sentiments, "--train", train, "--against", "null")
    (report,) = output["sets"]
    assert (report["task"], report["rows"], report["near_duplicates"]) == ("sentiment", 6, 1)
    lexicon, null = report["judgements"]
    assert lexicon["measures"]["accuracy"] == 1.0
    assert lexicon["deduplicated"]["rows"] == 5
    assert [row["support"] for row in lexicon["classes"]] == [2, 2, 2]
    assert null["confusion"] == [[0, 2, 0], [0, 2, 0], [0, 2, 0]]
    assert null["ece"] == pytest.approx(1 - 2 / 6)
    assert len(null["bins"]) == 15
    assert {row["by"] for row in null["slices"]} == {"length", "cashtag", "negation"}
    (comparison,) = report["comparisons"]
    assert (comparison["first"], comparison["second"]) == ("lexicon-2", "null")
    assert comparison["mcnemar"]["only_first"] == 4


def test_files_can_be_named_by_their_task(sentiments: Path) -> None:
    """The command of the documentation would not work in its other form."""
    by_task = evaluate_json("lexicon", "--sentiment", sentiments)
    assert by_task == evaluate_json("lexicon", sentiments)


def test_numbers_are_evaluated_only_with_a_map_which_is_shown(tmp_path: Path) -> None:
    """A score would be that of another order of the labels, and nobody would see it."""
    numbers = "text,label\nTove soars,2\nGyre slumps,0\nWabe names an office,1\n"
    data = write(tmp_path / "sentiment.csv", numbers)
    result = evaluate("lexicon", data)
    assert_refused(result, "0 (1 row), 1 (1 row), 2 (1 row)")
    assert "--labels 0=negative,1=neutral,2=positive" in result.stderr

    usual = ("--labels", "0=negative,1=neutral,2=positive")
    (report,) = evaluate_json("lexicon", data, *usual)["sets"]
    assert report["judgements"][0]["measures"]["accuracy"] == 1.0
    assert {"label": "2", "meaning": "positive", "rows": 1} in report["label_map"]
    assert "0 = negative (1 row)" in evaluate("lexicon", data, *usual).stdout
    (other,) = evaluate_json("lexicon", data, "--labels", "tfns")["sets"]
    assert other["judgements"][0]["measures"]["accuracy"] < 1.0
    assert_refused(evaluate("lexicon", data, "--labels", "0=sad"), "--labels 0=sad: write LABEL")


def test_training_rows_need_no_map(sentiments: Path, tmp_path: Path) -> None:
    """A user would have to say what labels mean that nobody looks at."""
    train = write(tmp_path / "train-sentiment.csv", TRAIN)
    (report,) = evaluate_json("lexicon", sentiments, "--train", train)["sets"]
    assert report["near_duplicates"] == 1


def test_columns_of_the_rows_become_slices(tmp_path: Path) -> None:
    """A user who knows the event of each row could not see at which events a model fails."""
    rows = [
        {"text": "Tove soars", "label": "positive", "source": "wire", "companies": ["TOVE"]},
        {"text": "Gyre slumps", "label": "neg", "source": "wire", "companies": ["GYRE", "TOVE"]},
        {"text": "Wabe trains collide", "label": "neg", "event": "accident", "companies": []},
    ]
    data = write(tmp_path / "rows.jsonl", "\n".join(map(json.dumps, rows)))
    (report,) = evaluate_json("lexicon", data)["sets"]
    slices = {
        (part["by"], part["of"]): part["measures"] for part in report["judgements"][0]["slices"]
    }
    assert slices["event", "accident"]["accuracy"] == 0.0
    assert slices["source", "wire"]["rows"] == 2
    assert {of for by, of in slices if by == "companies"} == {"0", "1", "2"}
    assert "event: accident" in evaluate("lexicon", data).stdout


def test_tables_name_the_figures(sentiments: Path) -> None:
    """A person would have to read JSON."""
    result = evaluate("lexicon", sentiments, "--against", "null")
    assert result.exit_code == 0
    for word in ("macro F1", "ECE", "precision", "cashtag: with", "less null", "label, guess"):
        assert word in result.stdout
    assert "--train" in result.stdout  # the option that gives the missing de-duplicated score


def test_a_model_without_topics_is_reported_and_the_rest_is_evaluated(
    sentiments: Path, tmp_path: Path
) -> None:
    """One file that does not suit a model would cost the result of the others."""
    topics = write(tmp_path / "topics.csv", TOPICS)
    result = evaluate("null", sentiments, topics)
    assert result.exit_code == 0
    assert "not evaluated: null gives no topics" in result.stdout
    reports = evaluate_json("null", sentiments, topics)["sets"]
    assert reports[1]["not_judged"] == ["null gives no topics"]


def test_a_run_without_any_evaluation_is_a_failure(tmp_path: Path) -> None:
    """A script would take it for a result."""
    topics = write(tmp_path / "topics.csv", TOPICS)
    assert_refused(evaluate("null", topics, "--json"), "topics")


def test_word_lists_are_evaluated_on_topics(tmp_path: Path) -> None:
    """Nobody could tell whether the trained model is better than word lists."""
    topics = write(tmp_path / "topics.csv", TOPICS)
    assert evaluate("lexicon", topics).exit_code == 0


def test_plots_are_written_for_each_model(sentiments: Path, tmp_path: Path) -> None:
    """The second model's plots would overwrite the first's."""
    folder = tmp_path / "made" / "plots"
    assert evaluate("lexicon", sentiments, "--against", "null", "--plots", folder).exit_code == 0
    assert sorted(file.name for file in folder.iterdir()) == [
        f"sentiment-{model}-{kind}.png"
        for model in ("lexicon-2", "null")
        for kind in ("confusion", "reliability")
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("headline,mood\nTove rises,good\n", "needs the columns text and label"),
        ("text,label\nTove rises,good\n", "'good' is none of negative, neutral, positive"),
        ("text,label\n", "has no rows"),
        ("", "has no rows"),
    ],
)
def test_a_bad_file_is_reported_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    """A traceback would hide which file and line to mend, or a score count half a file."""
    data = write(tmp_path / "sentiment.csv", content)
    assert_refused(evaluate("lexicon", data, "--plots", tmp_path / "plots"), message)
    assert not (tmp_path / "plots").exists()


def test_odd_texts_are_evaluated_like_others(tmp_path: Path) -> None:
    """One strange row would cost the result of a whole file."""
    texts = ["\U0001f680", "\u80a1\u7968\u4e0a\u6da8", "x" * 1_000_000]
    lines = [json.dumps({"text": text, "label": "neutral"}) for text in texts]
    data = write(tmp_path / "odd.jsonl", "\n".join(lines))
    (report,) = evaluate_json("lexicon", data, "--train", data)["sets"]
    assert (report["rows"], report["near_duplicates"]) == (3, 3)
    assert report["judgements"][0]["measures"]["accuracy"] == 1.0


def test_a_missing_file_is_reported_in_one_line(tmp_path: Path) -> None:
    """A typing error would end in a traceback."""
    assert_refused(evaluate("lexicon", tmp_path / "sentiment.csv"), "can't be read")
    assert_refused(evaluate("lexicon", tmp_path), "can't be read")
    assert_refused(evaluate("lexicon"), "no labelled texts")


def test_plots_that_cannot_be_written_are_reported_before_the_work(
    sentiments: Path, tmp_path: Path
) -> None:
    """Minutes of evaluation would end without a result."""
    file = write(tmp_path / "plots", "")
    assert_refused(evaluate("lexicon", sentiments, "--plots", file), "--plots")
    assert_refused(evaluate("lexicon", sentiments, "--plots", file / "deeper"), "--plots")
    assert_refused(evaluate("lexicon", sentiments, "--plots", "/proc/newsquake"), "--plots")


def test_a_wrong_model_is_reported_in_one_line(sentiments: Path, tmp_path: Path) -> None:
    """A typing error would end in a traceback, or in an empty folder of plots."""
    plots = tmp_path / "plots"
    for name in ("", "no-such-model", str(sentiments), str(tmp_path)):
        assert_refused(evaluate(name, sentiments, "--plots", plots), "")
    assert_refused(evaluate("lexicon", sentiments, "--against", "no-such-model"), "no-such-model")
    assert not plots.exists()


@pytest.mark.model
def test_a_truncated_model_is_reported_in_one_line(sentiments: Path, tmp_path: Path) -> None:
    """A download that was cut off would end in a library's traceback."""
    folder = tmp_path / "cut"
    folder.mkdir()
    header = b'{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    content = struct.pack("<Q", len(header)) + header + b"\0\0\0\0"
    (folder / "model.safetensors").write_bytes(content)
    write(folder / "config.json", '{"model_type": "bert"}')
    assert_refused(evaluate(folder, sentiments), "cut")
