"""Kinds of labelled texts, by the columns of their file."""

from nlp.rows.kinds import kinds_of


def test_the_columns_that_a_file_has_say_the_kind_of_each_row() -> None:
    """A row would be counted under the event or the source of another."""
    rows: list[dict[str, object]] = [
        {"text": "a", "event": "recall", "companies": "AAPL;F"},
        {"text": "b", "event": " ", "companies": ["A", "B", "C", "D"]},
        {"text": "c", "companies": 0},
        {"text": "d", "event": "strike", "companies": "Acme Oil"},
    ]
    assert kinds_of(rows) == {
        "event": ["recall", "not named", "not named", "strike"],
        "companies": ["2", "3 or more", "0", "1"],
    }


def test_a_file_without_these_columns_has_no_kinds() -> None:
    """A report would have a slice of all rows, under a name that is not in the file."""
    assert kinds_of([{"text": "a", "label": "negative"}]) == {}
