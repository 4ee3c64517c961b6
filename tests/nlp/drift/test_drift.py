"""Drift: the population stability index, references, and the last articles."""

import math
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.classifier import UNREAD, ModelMissing, Reader, Scores
from nlp.drift.distributions import NO_TOPIC, OTHER_TOPIC, Distributions
from nlp.drift.reference import make_reference, reference_of
from nlp.drift.stability_index import SMOOTHING, stability_index
from nlp.drift.window import BLOCK_ARTICLES, MAX_BLOCKS, DriftWindow
from nlp.lexicon.lexicon import Lexicon

COUNTS = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 10_000), min_size=1).filter(
    lambda counts: sum(counts.values()) > 0
)
GOOD = Scores(0.05, 0.10, 0.85, {"earnings": 0.9})
BAD = Scores(0.95, 0.03, 0.02, {"legal-regulation": 0.8, "of-my-own": 0.7})


def test_the_index_is_that_of_the_literature() -> None:
    """Thresholds of 0.1 and 0.25 would mean something else than people know."""
    reference = {"low": 0.2e9, "middle": 0.5e9, "high": 0.3e9}
    actual = {"low": 0.1e9, "middle": 0.4e9, "high": 0.5e9}
    expected = sum((a - r) * math.log(a / r) for a, r in ((0.1, 0.2), (0.4, 0.5), (0.5, 0.3)))
    assert stability_index(actual, reference) == pytest.approx(expected, abs=1e-6)
    assert expected == pytest.approx(0.1938, abs=1e-4)


@pytest.mark.property
@given(COUNTS, COUNTS)
def test_it_is_no_less_than_zero_and_the_same_both_ways(
    actual: dict[str, int], reference: dict[str, int]
) -> None:
    """A negative index would cancel another one, and an infinite one fire for a single article."""
    index = stability_index(actual, reference)
    assert 0.0 <= index < math.inf
    assert index == pytest.approx(stability_index(reference, actual))


def test_a_class_without_articles_counts_a_little() -> None:
    """The first article of a new topic would be an infinite drift."""
    index = stability_index({"a": 100}, {"a": 99, "b": 1})
    assert 0.0 < index < 0.02
    assert SMOOTHING == 0.5
    with pytest.raises(ValueError, match="without articles"):
        stability_index({}, {"a": 1})


def test_articles_are_counted_by_what_the_model_says() -> None:
    """Shares would be those of other classes, or the labels of a metric grow without a bound."""
    unread = Scores(0.0, 1.0, 0.0, {}, reader=Reader("ru", UNREAD))
    counted = Distributions.of([GOOD, BAD, Scores(0.3, 0.4, 0.3, {}), unread])
    assert counted.articles == 3
    assert counted.sentiment == {"positive": 1, "negative": 1, "neutral": 1}
    assert counted.confidence == {"0.8": 1, "0.9": 1, "0.4": 1}
    assert counted.topic == {"earnings": 1, "legal-regulation": 1, OTHER_TOPIC: 1, NO_TOPIC: 1}
    certain = Distributions.of([Scores(1.0, 0.0, 0.0, {})])
    assert certain.confidence == {"0.9": 1}


def test_a_window_tells_of_other_news_and_forgets_them() -> None:
    """Drift would never be seen, or be told for ever."""
    window = DriftWindow(make_reference("m", Distributions.of([GOOD] * 900 + [BAD] * 100)))
    usual = Distributions.of([GOOD] * 450 + [BAD] * 50)
    other = Distributions.of([GOOD] * 50 + [BAD] * 450)
    assert window.add(Distributions.of([GOOD] * (BLOCK_ARTICLES - 1))) == {}
    assert window.add(Distributions.of([GOOD])).keys() == {"sentiment", "topic", "confidence"}
    for _ in range(MAX_BLOCKS):
        calm = window.add(usual)
    assert max(calm.values()) < 0.01
    assert window.add(other)["sentiment"] > 0.25
    for _ in range(MAX_BLOCKS):
        calm = window.add(usual)
    assert max(calm.values()) < 0.01


def test_a_reference_comes_back_as_it_was_written_for_its_model_alone(tmp_path: Path) -> None:
    """Another model's shares would be taken for drift."""
    file = tmp_path / "reference.json"
    reference = make_reference("m@1", Distributions.of([GOOD, BAD]), "two headlines")
    file.write_bytes(orjson.dumps(reference.model_dump()))
    assert reference_of("m@1", file) == reference
    with pytest.raises(ModelMissing, match="newsquake reference"):
        reference_of("m@2", file)
    file.write_text('{"model": "m@1"}')
    with pytest.raises(ModelMissing, match=r"nlp\.reference"):
        reference_of("m@1", file)
    with pytest.raises(ModelMissing, match=r"nlp\.reference"):
        reference_of("m@1", tmp_path / "none.json")


def test_the_lexicon_has_a_reference_and_an_unknown_model_none() -> None:
    """A worker that is started as the README says would measure no drift."""
    reference = reference_of(Lexicon().model_id)
    assert reference is not None
    assert sum(reference.sentiment.values()) == reference.articles > 10_000
    assert reference_of("somebody's@1234") is None
