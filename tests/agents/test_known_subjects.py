"""Subjects are checked: what is misspelt silences nothing."""

import pytest

from agents.silencing.known_subjects import matching, nearest, subjects_of

SUBJECTS = subjects_of(["TSLA", "TSM", "AAPL", "BRK.B"], ["earnings", "macro", "markets"])


def test_companies_topics_and_the_market_exist() -> None:
    """A move of the whole market could not be silenced."""
    assert {"company:TSLA", "topic:macro", "market:all"} <= SUBJECTS


@pytest.mark.parametrize("wrong", ["TSLA", "company:TSLAA", "tsla", "topic:company:X", "company:"])
def test_what_does_not_exist_matches_nothing(wrong: str) -> None:
    """The command would say that it silenced something, and people be woken."""
    assert matching(wrong, SUBJECTS) == []


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("TSLA", "company:TSLA"),
        ("tsla", "company:TSLA"),
        ("company:TSLAA", "company:TSLA"),
        ("company:earnings", "topic:earnings"),
        ("ticker:AAPL", "company:AAPL"),
        ("topic:earning", "topic:earnings"),
        ("market", "topic:markets"),
    ],
)
def test_the_nearest_names_are_told(wrong: str, meant: str) -> None:
    """People would have to guess how a subject is written."""
    assert nearest(wrong, SUBJECTS)[0] == meant


def test_a_pattern_covers_what_it_matches() -> None:
    """A group of companies could only be silenced one by one."""
    assert matching("company:TS*", SUBJECTS) == ["company:TSLA", "company:TSM"]
    assert matching("*", SUBJECTS) == sorted(SUBJECTS)


def test_nonsense_has_no_nearest_name() -> None:
    """People would be led to a subject that has nothing to do with theirs."""
    assert nearest("company:QQQQQQQQ", SUBJECTS) == []
