"""``newsquake evaluate`` as users meet it."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app

SENTIMENTS = """text,label
Tove Motors beats estimates,1
Borogove Bank files for bankruptcy,0
Gyre names a new office,2
Wabe does not win approval for its drug,negative
$MIMSY soars to a record high,bullish
Rath Insurance holds its annual meeting,neutral
"""
TRAIN = "text,label\nMIMSY soars to a record high https://t.co/a,1\n"
TOPICS = "text,label\nTove agrees to buy Gyre,13\nRath goes public,ipo\n"


def evaluate(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def judged(*arguments: str | Path) -> dict[str, Any]:
    """What it says to a program."""
    result = evaluate(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def sentiments(tmp_path: Path) -> Path:
    """Labelled headlines."""
    return written(tmp_path / "sentiments.csv", SENTIMENTS)


def written(path: Path, text: str) -> Path:
    """A file."""
    path.write_text(text)
    return path


def test_json_has_everything_in_one_object(sentiments: Path, tmp_path: Path) -> None:
    """A program that watches a model would have to read tables."""
    train = written(tmp_path / "train-sentiment.csv", TRAIN)
    found = judged("lexicon", sentiments, "--train", train, "--against", "null")
    (one,) = found["sets"]
    assert (one["task"], one["rows"], one["near_duplicates"]) == ("sentiment", 6, 1)
    lexicon, null = one["judgements"]
    assert lexicon["measures"]["accuracy"] == 1.0
    assert lexicon["deduplicated"]["rows"] == 5
    assert [it["support"] for it in lexicon["classes"]] == [2, 2, 2]
    assert null["confusion"] == [[0, 2, 0], [0, 2, 0], [0, 2, 0]]
    assert null["ece"] == pytest.approx(1 - 2 / 6)
    assert len(null["bins"]) == 15
    assert {it["by"] for it in null["slices"]} == {"length", "cashtag", "negation"}
    (comparison,) = one["comparisons"]
    assert (comparison["first"], comparison["second"]) == ("lexicon-1", "null")
    assert comparison["mcnemar"]["only_first"] == 4


def test_files_can_be_named_by_their_task(sentiments: Path) -> None:
    """The command of the documentation would not work in its other form."""
    assert judged("lexicon", "--sentiment", sentiments) == judged("lexicon", sentiments)


def test_tables_name_the_figures(sentiments: Path) -> None:
    """A person would have to read JSON."""
    result = evaluate("lexicon", sentiments, "--against", "null")
    assert result.exit_code == 0
    for word in ("macro F1", "ECE", "precision", "cashtag: with", "less null", "label, guess"):
        assert word in result.stdout
    assert "--train" in result.stdout  # how to get the score that is missing


def test_a_model_without_topics_is_said_and_the_rest_judged(
    sentiments: Path, tmp_path: Path
) -> None:
    """One file that does not suit a model would cost the result of the others."""
    topics = written(tmp_path / "topics.csv", TOPICS)
    result = evaluate("null", sentiments, topics)
    assert result.exit_code == 0
    assert "not judged: null gives no topics" in result.stdout
    assert judged("null", sentiments, topics)["sets"][1]["not_judged"] == ["null gives no topics"]


@pytest.mark.parametrize("model", ["null", "lexicon"])
def test_nothing_to_judge_is_a_failure(model: str, tmp_path: Path) -> None:
    """A script would take it for a judgement."""
    refused(evaluate(model, written(tmp_path / "topics.csv", TOPICS), "--json"), "topics")


def test_pictures_are_written_for_each_model(sentiments: Path, tmp_path: Path) -> None:
    """The second model's pictures would overwrite the first's."""
    folder = tmp_path / "made" / "plots"
    assert evaluate("lexicon", sentiments, "--against", "null", "--plots", folder).exit_code == 0
    assert sorted(it.name for it in folder.iterdir()) == [
        f"sentiment-{model}-{kind}.png"
        for model in ("lexicon-1", "null")
        for kind in ("confusion", "reliability")
    ]


def refused(result: Result, told: str) -> None:
    """One line that says what is wrong, and nothing else."""
    assert result.exit_code in {1, 2}
    assert result.stdout == ""
    assert result.stderr.strip().count("\n") == 0
    assert result.stderr.startswith("newsquake: ")
    assert told in result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("headline,mood\nTove rises,good\n", "needs the columns text and label"),
        ("text,label\nTove rises,good\n", "'good' is none of negative, neutral, positive"),
        ("text,label\n", "has no rows"),
        ("", "has no rows"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, content: str, told: str) -> None:
    """A traceback would hide which file and line to mend, or a score count half a file."""
    data = written(tmp_path / "sentiment.csv", content)
    refused(evaluate("lexicon", data, "--plots", tmp_path / "plots"), told)
    assert not (tmp_path / "plots").exists()


def test_odd_texts_are_judged_like_others(tmp_path: Path) -> None:
    """One strange row would cost the result of a whole file."""
    texts = ["\U0001f680", "\u80a1\u7968\u4e0a\u6da8", "x" * 1_000_000]
    lines = [json.dumps({"text": text, "label": "neutral"}) for text in texts]
    data = written(tmp_path / "odd.jsonl", "\n".join(lines))
    (one,) = judged("lexicon", data, "--train", data)["sets"]
    assert (one["rows"], one["near_duplicates"]) == (3, 3)
    assert one["judgements"][0]["measures"]["accuracy"] == 1.0


def test_a_missing_file_or_none_is_one_line(tmp_path: Path) -> None:
    """A typing error would end in a traceback."""
    refused(evaluate("lexicon", tmp_path / "sentiment.csv"), "can't be read")
    refused(evaluate("lexicon", tmp_path), "can't be read")
    refused(evaluate("lexicon"), "nothing to judge by")


def test_pictures_that_cannot_be_written_are_told_before_the_work(
    sentiments: Path, tmp_path: Path
) -> None:
    """Minutes of judging would end without a result."""
    file = written(tmp_path / "plots", "")
    refused(evaluate("lexicon", sentiments, "--plots", file), "--plots")
    refused(evaluate("lexicon", sentiments, "--plots", file / "deeper"), "--plots")
    refused(evaluate("lexicon", sentiments, "--plots", "/proc/newsquake"), "--plots")


def test_what_is_no_model_is_one_line(sentiments: Path, tmp_path: Path) -> None:
    """A typing error would end in a traceback, or in a folder of pictures of nothing."""
    plots = tmp_path / "plots"
    for name in ("", "no-such-model", str(sentiments), str(tmp_path)):
        refused(evaluate(name, sentiments, "--plots", plots), "")
    refused(evaluate("lexicon", sentiments, "--against", "no-such-model"), "no-such-model")
    assert not plots.exists()


@pytest.mark.model
def test_a_truncated_model_is_one_line(sentiments: Path, tmp_path: Path) -> None:
    """A download that was cut off would end in a traceback of a library."""
    folder = tmp_path / "cut"
    folder.mkdir()
    header = b'{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    cut = struct.pack("<Q", len(header)) + header + b"\0\0\0\0"
    (folder / "model.safetensors").write_bytes(cut)
    written(folder / "config.json", '{"model_type": "bert"}')
    refused(evaluate(folder, sentiments), "cut")
