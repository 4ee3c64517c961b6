"""Subjects are checked: what is misspelt silences nothing."""

import pytest
from structlog.testing import capture_logs

from agents.silencing.known_subjects import matching, nearest, subjects_of, warn_of_misspelt
from nlp.companies.settings import CompanySettings

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


def test_a_worker_logs_what_is_misspelt_in_its_settings() -> None:
    """A subject of `detect.silenced` would be taken without a word, and silence nothing."""
    with capture_logs() as lines:
        warn_of_misspelt(("company:TSLAA", "topic:*", "company:TSLA"), CompanySettings())
    assert [line["pattern"] for line in lines] == ["company:TSLAA"]
    assert "did you mean company:TSLA" in lines[0]["remedy"]
