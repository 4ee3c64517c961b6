"""The meaning of labels in files of labelled texts: what is certain, and what has to be said."""

from pathlib import Path

import pytest

from nlp.labelled_rows import BadRows, read
from nlp.rows.label_meanings import BadMeanings, parse_meanings
from nlp.tasks import SENTIMENTS, TOPICS, Task


def write(path: Path, *labels: str) -> Path:
    """Write a CSV file of texts with these labels and return its path."""
    rows = (f"Tove rises {n},{label}\n" for n, label in enumerate(labels))
    path.write_text("text,label\n" + "".join(rows))
    return path


def sentiments(path: Path, option: str = "") -> list[str]:
    """Return the sentiment of each row, with the map of an option."""
    file = read(path, "sentiment", parse_meanings(option, "sentiment"))
    return [SENTIMENTS[row.label] for row in file.rows]


@pytest.mark.parametrize(
    "labels",
    [("0", "1", "2"), ("LABEL_0", "LABEL_1"), ("0.0", "1.0"), ("1", "2", "3"), ("0", "neutral")],
)
def test_numbers_are_not_guessed(tmp_path: Path, labels: tuple[str, ...]) -> None:
    """The usual order would be learnt as another data set's: positive as neutral."""
    with pytest.raises(BadRows, match=r"\(1 row\).*--labels \d=negative,") as refused:
        sentiments(write(tmp_path / "rows.csv", *labels))
    assert labels[0] in str(refused.value)


def test_the_counts_of_numbers_are_in_the_message(tmp_path: Path) -> None:
    """A user could not tell from the frequencies which number is which."""
    with pytest.raises(BadRows, match=r"0 \(2 rows\), 1 \(1 row\), 2 \(3 rows\)"):
        sentiments(write(tmp_path / "rows.csv", "0", "0", "1", "2", "2", "2"))


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("0=negative,1=neutral,2=positive", ["negative", "neutral", "positive"]),
        ("LABEL_0=bearish, label_1=neu, 2=pos", ["negative", "neutral", "positive"]),
        ("tfns", ["negative", "positive", "neutral"]),
    ],
)
@pytest.mark.parametrize("labels", [("0", "1", "2"), ("LABEL_0", "LABEL_1", "LABEL_2")])
def test_an_option_says_what_numbers_mean(
    tmp_path: Path, option: str, expected: list[str], labels: tuple[str, ...]
) -> None:
    """A user whose data set has numbers would have to rewrite it."""
    assert sentiments(write(tmp_path / "rows.csv", *labels), option) == expected


def test_numbers_below_zero_are_a_scale(tmp_path: Path) -> None:
    """A user would have to say what can be read in only one way."""
    path = write(tmp_path / "rows.csv", "-1", "0", "1", "+1")
    assert sentiments(path) == ["negative", "neutral", "positive", "positive"]
    assert sentiments(path, "-1=positive,1=negative")[0] == "positive"


@pytest.mark.parametrize(
    ("label", "sentiment"),
    [
        ("Bearish", "negative"),
        ("NEG", "negative"),
        ("very_negative", "negative"),
        ("LABEL_NEGATIVE", "negative"),
        ("__label__neg", "negative"),
        ("Neutral ", "neutral"),
        ("neu", "neutral"),
        ("Bullish", "positive"),
        ("somewhat positive", "positive"),
        ("pos", "positive"),
    ],
)
def test_usual_spellings_are_understood_and_counted(
    tmp_path: Path, label: str, sentiment: str
) -> None:
    """A user would have to rename labels whose meaning is plain, or not see what they became."""
    file = read(write(tmp_path / "rows.csv", label, label), "sentiment")
    (count,) = file.labels
    assert (count.label, count.meaning, count.rows) == (label.strip(), sentiment, 2)


def test_an_unknown_name_is_refused_with_the_option_that_names_it(tmp_path: Path) -> None:
    """A user would not know that labels of one's own can be used."""
    path = write(tmp_path / "rows.csv", "negative", "gloomy")
    with pytest.raises(BadRows, match=r"rows.csv:3: label 'gloomy' .*--labels LABEL=MEANING"):
        sentiments(path)
    assert sentiments(path, "gloomy=negative") == ["negative", "negative"]


def test_topics_are_named_in_any_form_and_their_numbers_have_to_be_said(tmp_path: Path) -> None:
    """Topics numbered in an order of one's own would be learnt as other topics."""
    file = read(write(tmp_path / "named.csv", "M&A | Investments", "IPO"), "topic")
    assert [TOPICS[row.label] for row in file.rows] == ["m-a-investments", "ipo"]

    numbered = write(tmp_path / "numbered.csv", "11")
    with pytest.raises(BadRows, match="--topic-labels 11=earnings"):
        read(numbered, "topic")
    for option, topic in (("tfns", "ipo"), ("11=macro", "macro")):
        file = read(numbered, "topic", parse_meanings(option, "topic"))
        assert [TOPICS[row.label] for row in file.rows] == [topic]


@pytest.mark.parametrize(
    ("option", "task"),
    [("0", "sentiment"), ("0=", "sentiment"), ("=negative", "sentiment"), ("0=ipo", "sentiment"),
     ("0=negative", "topic"), ("zero", "topic")],
)  # fmt: skip
def test_an_option_without_a_meaning_is_refused(option: str, task: Task) -> None:
    """A typing error would leave the labels as they were."""
    with pytest.raises(BadMeanings, match="LABEL=MEANING"):
        parse_meanings(option, task)
