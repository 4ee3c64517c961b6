"""Detection of the task of a file of labelled texts."""

from pathlib import Path

import pytest

from nlp.evaluation.dataset import detect_task, open_dataset
from nlp.labelled_rows import BadRows


def write_csv(path: Path, *labels: str) -> Path:
    """Write a CSV file with these labels and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("text,label\n" + "".join(f"Tove rises,{label}\n" for label in labels))
    return path


@pytest.mark.parametrize(
    ("name", "labels", "task"),
    [
        ("some.csv", ["negative", "bullish"], "sentiment"),
        ("some.csv", ["m-a-investments", "ipo"], "topic"),
        ("some.csv", ["0", "19"], "topic"),
        ("tfns-sentiment/valid.csv", ["0", "1", "2"], "sentiment"),
        ("tfns-topic/valid.csv", ["0", "1", "2"], "topic"),
        ("topics.csv", ["0", "1"], "topic"),
        ("sentiment.csv", ["ipo"], "topic"),
    ],
)
def test_labels_or_else_the_name_decide_the_task(
    tmp_path: Path, name: str, labels: list[str], task: str
) -> None:
    """Topics would be evaluated as sentiments, or the user have to say what is plain to see."""
    assert detect_task(write_csv(tmp_path / name, *labels)) == task


def test_an_explicit_task_wins_over_the_name(tmp_path: Path) -> None:
    """A file with an unlucky name could not be used."""
    path = write_csv(tmp_path / "topics.csv", "0")
    assert open_dataset(path, "sentiment", {"sentiment": {"0": "negative"}}).task == "sentiment"


def test_a_map_for_one_task_decides(tmp_path: Path) -> None:
    """A user who said what the labels mean would be asked for the task as well."""
    path = write_csv(tmp_path / "some.csv", "0", "1")
    meanings = {"0": "negative", "1": "positive"}
    assert detect_task(path, {"sentiment": meanings}) == "sentiment"
    assert detect_task(path, {"topic": {"0": "ipo", "1": "macro"}}) == "topic"


@pytest.mark.parametrize(
    ("name", "labels", "message"),
    [
        ("some.csv", ["0", "1"], "--sentiment or --topics"),
        ("topic-and-sentiment.csv", ["0", "1"], "--sentiment or --topics"),
        ("sentiment.csv", ["angry"], "'angry' is none of negative"),
        ("topics.csv", ["angry"], "'angry' is none of analyst-update"),
        ("some.csv", [], "has no rows"),
    ],
)
def test_an_undecided_task_is_an_error(
    tmp_path: Path, name: str, labels: list[str], message: str
) -> None:
    """A guess at the task would give a score of something else."""
    with pytest.raises(BadRows, match=message):
        open_dataset(write_csv(tmp_path / name, *labels))


def test_an_error_of_the_file_is_reported_once(tmp_path: Path) -> None:
    """The same line twice would make the user look for two mistakes."""
    with pytest.raises(BadRows) as caught:
        open_dataset(tmp_path / "missing.csv")
    assert str(caught.value).count("can't be read") == 1
