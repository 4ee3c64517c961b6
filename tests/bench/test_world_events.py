"""The table of world events says what the models said."""

from collections import Counter
from collections.abc import Sequence

import pytest
from asking import ask
from world_events import FILES, WRONG, Event, as_table, cell, read, summary

from nlp.classifier import Question, Reader, Scores
from nlp.null import NullClassifier

BAD = Scores(0.8, 0.1, 0.1, {}, severity=2.0)
NEUTRAL = Scores(0.2, 0.7, 0.1, {})
FIRE = Event("accident", "negative", 3, "", "Fire at Acme")
DRILL = Event("accident", "neutral", 0, "", "Fire drill at Acme")
RIVAL = Event("accident", "neutral", 0, "Bolt", "Fire at Acme, says Bolt")
HEADLINES = [FIRE.headline, RIVAL.headline]


class AboutSubjects(NullClassifier):
    """A model to which every text is bad, but not for Bolt."""

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        return [BAD for _ in texts]

    def classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        return [NEUTRAL if question.subject == "Bolt" else BAD for question in questions]


@pytest.mark.parametrize(("title", "count"), [("World events", 60), ("Plainly bad", 14)])
def test_there_are_as_many_headlines_as_promised(title: str, count: int) -> None:
    """The documents speak of 60 headlines, and a line that was lost would flatter a model."""
    events = read(FILES[title])
    assert len(events) == len({event.headline for event in events}) == count


@pytest.mark.parametrize("title", FILES)
def test_only_negative_headlines_are_severe(title: str) -> None:
    """A slip in the file would be counted as the model's error."""
    for event in read(FILES[title]):
        assert event.sentiment in {"negative", "neutral", "positive"}
        assert event.severity in ({1, 2, 3} if event.sentiment == "negative" else {0}), event
        assert event.subject in event.headline


def test_every_event_has_harmless_look_alikes() -> None:
    """A model that calls every headline with "strike" in it negative would look good."""
    events = read(FILES["World events"])
    kinds = Counter(event.kind for event in events)
    harmless = Counter(event.kind for event in events if event.sentiment != "negative")
    assert len(kinds) == 13
    assert all(harmless[kind] >= 2 and kinds[kind] - harmless[kind] >= 2 for kind in kinds)


def test_plainly_bad_headlines_are_negative() -> None:
    """The share of them below 50 % would count neutral ones."""
    assert {event.sentiment for event in read(FILES["Plainly bad"])} == {"negative"}


def test_a_model_is_asked_about_the_subject() -> None:
    """A label about one of two companies would be compared with the answer about the text."""
    assert ask(AboutSubjects(), HEADLINES, ["", "Bolt"]) == [BAD, NEUTRAL]


def test_a_model_that_knows_no_subjects_is_asked_about_the_text() -> None:
    """The model before this one could not be compared."""
    assert len(ask(NullClassifier(), HEADLINES, ["", "Bolt"])) == 2


def test_the_summary_counts_right_answers_by_class() -> None:
    """A model that calls everything negative would look as good as one that is careful."""
    assert summary([FIRE, DRILL], [BAD, BAD]) == (
        "1 of 2 right (1 of 1 negative, 0 of 1 neutral); negative probability of the negative "
        "ones 0.80, below .50 in 0; severity off by 1.50"
    )
    assert "severity" not in summary([FIRE, DRILL], [NEUTRAL, NEUTRAL])


def test_wrong_answers_are_marked() -> None:
    """A reader of the table would have to compare 60 pairs of words."""
    assert cell(FIRE, BAD) == "0.80 negative 2.0"
    assert cell(FIRE, NEUTRAL) == f"0.20 neutral {WRONG}"
    unread = Scores(0.0, 1.0, 0.0, {}, reader=Reader("nl", "unread"))
    assert cell(FIRE, unread) == f"0.00 unread {WRONG}"


def test_the_table_has_a_column_for_each_model() -> None:
    """Answers before and after would stand under each other's heading."""
    answers = {"before": [NEUTRAL], "after": [BAD]}
    wrong = f"0.80 negative 2.0 {WRONG}"
    assert as_table([RIVAL], answers).splitlines() == [
        "| headline | kind | expected | before | after |",
        "| --- | --- | --- | --- | --- |",
        f"| {RIVAL.headline} (about Bolt) | accident | neutral | 0.20 neutral | {wrong} |",
    ]
