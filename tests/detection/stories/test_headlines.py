"""Headlines shown with an alert."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.stories.headlines import (
    HALF_LIFE_BINS,
    MAX_BYTES,
    MAX_HEADLINES,
    MAX_TEXT_CHARACTERS,
    RankedHeadline,
    as_headlines,
    insert,
    read_severities,
    spell_severities,
    top,
)
from schemas.signal import Signal

START = datetime(2024, 1, 1, tzinfo=UTC)


def signal(  # noqa: PLR0913 - one for each field that a test varies
    text: str,
    negative: float = 0.5,
    *,
    relevance: float = 1.0,
    story: int = 0,
    key: str = "",
    hours: float = 0.0,
) -> Signal:
    """Return a signal with this headline."""
    return Signal(
        subject="company:ACME",
        key=key or text[:32] or "k",
        published=START + timedelta(hours=hours),
        negative=negative,
        neutral=1.0 - negative,
        positive=0.0,
        relevance=relevance,
        headline=text,
        source="test",
        model="fake-1",
        story=story,
    )


def insert_all(*signals: tuple[Signal, int]) -> list[RankedHeadline]:
    """Return the headlines after all of these signals, each with its bin."""
    headlines: list[RankedHeadline] = []
    for each, number in signals:
        headlines = insert(headlines, each, number)
    return headlines


def texts(headlines: list[RankedHeadline]) -> list[str]:
    """Return the texts."""
    return [headline.text for headline in headlines]


def test_the_most_negative_headlines_are_shown_first() -> None:
    """An alert would show harmless news of the hour, and hide its reason."""
    values = (0.1, 0.9, 0.4, 0.7, 0.2, 0.8, 0.3)
    headlines = insert_all(*((signal(f"h{value}", value), 0) for value in values))
    assert texts(headlines) == ["h0.9", "h0.8", "h0.7", "h0.4", "h0.3"]


def test_relevance_counts_as_much_as_negativity() -> None:
    """News that only mentions a company would be shown before news about it."""
    aside = signal("aside", 0.9, relevance=0.3)
    headlines = insert_all((aside, 0), (signal("about", 0.5), 0))
    assert texts(headlines) == ["about", "aside"]


def test_a_headline_loses_half_of_its_weight_in_a_half_life() -> None:
    """An alert would show old news for as long as nothing worse happens."""
    later = int(HALF_LIFE_BINS)
    old = (signal("old", 0.8), 0)
    assert texts(insert_all(old, (signal("newer", 0.41), later))) == ["newer", "old"]
    assert texts(insert_all(old, (signal("newer", 0.39), later))) == ["old", "newer"]


def test_a_full_list_keeps_the_better_headlines() -> None:
    """The sixth headline would displace a worse one, or the list would grow."""
    five = insert_all(*((signal(f"h{number}", 0.5), 0) for number in range(MAX_HEADLINES)))
    assert insert(five, signal("mild", 0.4), 0) is five
    assert texts(insert(five, signal("grave", 0.9), 0)) == ["grave", "h0", "h1", "h2", "h3"]


def test_of_one_story_only_the_best_headline_stays() -> None:
    """An alert would show five reports of one story."""
    story = 0xFFFF
    reports = [(signal(f"report {n}", 0.5 + n / 10, story=story ^ n), 0) for n in (1, 3, 2)]
    other = (signal("other", 0.55, story=0xFFFF << 32), 0)
    assert texts(insert_all(*reports, other)) == ["report 3", "other"]


def test_an_equal_text_is_the_same_story_without_a_fingerprint() -> None:
    """An alert would show one headline twice if it came from two sources."""
    headlines = insert_all((signal("same", 0.5, key="a"), 0), (signal("same", 0.9, key="b"), 0))
    assert [headline.key for headline in headlines] == ["b"]


def test_headlines_without_a_fingerprint_are_different_stories() -> None:
    """Of all headlines without a fingerprint, only one would be shown."""
    assert len(insert_all((signal("first"), 0), (signal("second"), 0))) == 2


def test_a_signal_without_any_negativity_has_a_rank() -> None:
    """A purely positive headline would end the worker: zero has no logarithm."""
    (headline,) = insert_all((signal("fine", 0.0), 0))
    assert headline.rank < -10.0


def test_a_long_headline_is_cut_and_control_characters_are_replaced() -> None:
    """A subject's state would exceed its bound, or an alert would break a terminal."""
    (headline,) = insert_all((signal("Acme\x1b[31m\n\x00falls " + "x" * 500), 0))
    assert headline.text.startswith("Acme [31m falls xx")
    assert len(headline.text) <= MAX_TEXT_CHARACTERS
    assert headline.text.isprintable()


def test_a_headline_that_does_not_fit_makes_room_for_the_next() -> None:
    """One long headline would hide all others, or the state would exceed its bound."""
    long = [(signal("é" * 150 + str(number), 0.9 - number / 100), 0) for number in range(4)]
    headlines = insert_all(*long, (signal("short", 0.1), 0))
    assert texts(headlines)[-1] == "short"
    assert 2 <= len(headlines) <= 4


@pytest.mark.property
@given(
    signals=st.lists(
        st.tuples(
            st.text(max_size=200),
            st.floats(0.0, 1.0),
            st.integers(0, 2**64 - 1),
            st.integers(0, 200),
        ),
        max_size=15,
    )
)
def test_headlines_are_ordered_and_bounded_and_an_alert_shows_each_story_once(
    signals: list[tuple[str, float, int, int]],
) -> None:
    """A subject's state would exceed 2 KB, or an alert would show a story twice."""
    headlines: list[RankedHeadline] = []
    for index, (text, negative, story, number) in enumerate(signals):
        before = headlines
        headlines = insert(before, signal(text, negative, story=story, key=f"k{index}"), number)
        ranks = [headline.rank for headline in headlines]
        assert ranks == sorted(ranks, reverse=True)
        assert len(headlines) <= MAX_HEADLINES
        pairs = [[headline.key, headline.text] for headline in headlines]
        assert len(orjson.dumps(pairs)) <= MAX_BYTES
    best = top([headlines])
    assert not any(one.is_same_story(other) for one, other in combinations(best, 2))


def test_a_budget_that_is_met_exactly_is_used() -> None:
    """A headline would be dropped although there is room for it."""
    keys = ["a", "b", "c", "d", "e"]
    rows = [[key, key * 130] for key in keys]
    rows[-1][1] = "e" * (MAX_BYTES - len(orjson.dumps(rows)) + 130)
    assert len(orjson.dumps(rows)) == MAX_BYTES
    signals = [(signal(text, 0.5, key=key), 0) for key, text in rows]
    assert len(insert_all(*signals)) == MAX_HEADLINES
    longer = signal(rows[-1][1] + "e", 0.5, key="e")
    assert len(insert_all(*signals[:-1], (longer, 0))) == MAX_HEADLINES - 1


def test_the_best_headlines_of_several_subjects_are_merged() -> None:
    """An alert of the market would show the news of one company only, or one story twice."""
    first = insert_all((signal("a", 0.9, story=0xFF), 0), (signal("b", 0.3), 0))
    second = insert_all((signal("c", 0.8, story=0xFE), 0), (signal("d", 0.7), 0))
    assert texts(top([first, second])) == ["a", "d", "b"]
    assert texts(top([second, first])) == ["a", "d", "b"]
    many = [insert_all((signal(f"h{n}", 0.5 + n / 100), 0)) for n in range(9)]
    assert texts(top(many)) == ["h8", "h7", "h6", "h5", "h4"]


def test_an_alert_shows_only_headlines_from_its_onset_on() -> None:
    """An alert would be explained by news from before its surge."""
    headlines = insert_all((signal("before", 0.9, hours=-1), 0), (signal("onset", 0.5, hours=0), 0))
    (shown,) = as_headlines(headlines, START)
    assert (shown.text, shown.published, shown.negative) == ("onset", START, 0.5)


def test_an_alerts_headline_carries_its_severity_to_a_tenth() -> None:
    """A desk would not see which of five bad headlines is the explosion."""
    grave = signal("Acme plant explodes", 0.9).model_copy(update={"severity": 2.8499})
    beyond = signal("Acme reactor melts", 0.8).model_copy(update={"severity": 3.0099})
    headlines = insert_all((grave, 0), (beyond, 0), (signal("Acme dips", 0.7), 0))
    shown = as_headlines(headlines, START)
    assert [headline.severity for headline in shown] == [2.8, 3.0, None]


@pytest.mark.property
@given(st.lists(st.none() | st.integers(0, 30), max_size=MAX_HEADLINES))
def test_severities_survive_the_changelog(tenths: list[int | None]) -> None:
    """After a restart an alert would say that a disaster is harmless."""
    severities = [None if tenth is None else tenth / 10 for tenth in tenths]
    headlines = [
        RankedHeadline(0.0, "k", "x", 0.0, 0.5, severity=severity) for severity in severities
    ]
    restored = read_severities(spell_severities(headlines))
    assert restored == ([] if set(severities) <= {None} else severities)


def test_the_severity_changes_no_rank() -> None:
    """Alerts of a model with severities would show other headlines than those that made them."""
    plain = [(signal(f"Acme {n}", n / 10), 0) for n in range(9)]
    with_severity = [
        (each.model_copy(update={"severity": 3.0 - n / 3}), 0) for n, (each, _) in enumerate(plain)
    ]
    assert texts(insert_all(*plain)) == texts(insert_all(*with_severity))
