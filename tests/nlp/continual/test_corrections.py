"""Files of corrections, in the ways that people write them."""

from pathlib import Path

import pytest

from nlp.continual.corrections import latest_per_article, read_corrections, to_examples
from nlp.labelled_rows import BadRows
from nlp.tasks import SENTIMENTS, TOPICS

NEGATIVE, POSITIVE = SENTIMENTS.index("negative"), SENTIMENTS.index("positive")
IPO = TOPICS.index("ipo")


def write(folder: Path, text: str, name: str = "f.jsonl") -> Path:
    """Return a file that contains ``text``."""
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ('{"text": "Acme falls", "sentiment": "negative"}', {"sentiment": NEGATIVE}),
        ('{"headline": "Acme falls", "topic": "ipo", "who": "ann"}', {"topic": IPO}),
        ('{"text": "Acme falls", "label": "Bearish"}', {"sentiment": NEGATIVE}),
        ('{"text": "Acme falls", "label": "ipo"}', {"topic": IPO}),
        (
            '{"title": "Acme falls", "sentiment": "positive", "topic": "ipo", "source": "wire"}',
            {"sentiment": POSITIVE, "topic": IPO},
        ),
    ],
)
def test_each_way_to_write_a_correction_is_understood(
    tmp_path: Path, line: str, labels: dict[str, int]
) -> None:
    """A user would have to rewrite a file whose meaning is clear."""
    (example,) = to_examples(read_corrections(write(tmp_path, line)))
    assert (example.text, example.labels) == ("Acme falls", labels)


def test_a_table_is_read_too(tmp_path: Path) -> None:
    """People who correct in a spreadsheet could not use their file."""
    path = write(tmp_path, "text,label\nAcme rises,positive\nBolt lists,ipo\n", "f.csv")
    labels = [example.labels for example in to_examples(read_corrections(path))]
    assert labels == [{"sentiment": POSITIVE}, {"topic": IPO}]


def test_the_last_correction_of_an_article_counts(tmp_path: Path) -> None:
    """Nobody could take back a wrong correction."""
    lines = [
        '{"key": "k", "text": "Acme falls", "sentiment": "positive", "topic": "ipo"}',
        '{"text": "Bolt falls", "sentiment": "positive"}',
        '{"key": "k", "text": "Acme falls", "sentiment": "negative"}',
        '{"text": "Bolt falls", "topic": "ipo"}',
    ]
    corrections = latest_per_article(read_corrections(write(tmp_path, "\n".join(lines))))
    assert {example.text: example.labels for example in to_examples(corrections)} == {
        "Acme falls": {"sentiment": NEGATIVE},
        "Bolt falls": {"sentiment": POSITIVE, "topic": IPO},
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no corrections"),
        ("\n\n", "has no corrections"),
        ('{"text": "x", "sentiment": "sad"}', "f.jsonl:1: sentiment: Input should be 'negative'"),
        ('{"text": "x", "topic": "sport"}', "f.jsonl:1: topic 'sport' is none of analyst-update"),
        ('{"text": "x", "label": 0}', "f.jsonl:1: the label 0 is a number, which does not say"),
        ('{"text": "x"}', "f.jsonl:1: the row: needs a sentiment, a topic, or both"),
        ('{"sentiment": "negative"}', "f.jsonl:1: has no text"),
        ('{"text": "", "sentiment": "negative"}', "f.jsonl:1: has no text"),
        ('{"text": 7, "sentiment": "negative"}', "f.jsonl:1: text: Input should be a valid string"),
        ('{"text": "x", "sentiment": ["negative"]}', "f.jsonl:1: sentiment: "),
        ('{"text": "x"', "f.jsonl:1: "),
        ("[1]", "f.jsonl:1: is not a JSON object"),
        ('{"key": "k", "sentiment": "neutral", "when": "soon"}', "f.jsonl:1: when: "),
    ],
)
def test_a_row_that_is_no_correction_is_named_with_its_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    """A user with ten thousand lines would search for the bad one, or never hear of it."""
    with pytest.raises(BadRows) as caught:
        read_corrections(write(tmp_path, text))
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_numbers_mean_what_the_option_says(tmp_path: Path) -> None:
    """People whose tool exports numbers could not correct anything."""
    path = write(tmp_path, "text,sentiment,topic\nAcme falls,0,\nBolt lists,2,11\n", "f.csv")
    with pytest.raises(BadRows, match=r"f.csv:2: the label 0 is a number.*--labels 0=MEANING"):
        read_corrections(path)
    corrections = read_corrections(
        path, {"sentiment": {"0": "negative", "2": "positive"}, "topic": {"11": "ipo"}}
    )
    labels = [example.labels for example in to_examples(corrections)]
    assert labels == [{"sentiment": NEGATIVE}, {"sentiment": POSITIVE, "topic": IPO}]


def test_numbers_below_zero_are_a_scale(tmp_path: Path) -> None:
    """A user would have to say what can be read in only one way."""
    path = write(tmp_path, "text,label\nAcme falls,-1\nBolt rises,1\n", "f.csv")
    labels = [example.labels for example in to_examples(read_corrections(path))]
    assert labels == [{"sentiment": NEGATIVE}, {"sentiment": POSITIVE}]
