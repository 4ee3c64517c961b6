"""What every model must keep, the fake and the real ones alike."""

from collections.abc import Callable
from math import isclose
from pathlib import Path
from random import Random

import pytest

from nlp.choice import Nlp
from nlp.classifier import Classifier, Scores
from nlp.load import load

Making = Callable[..., Path]

TEXTS = [
    "Acme files for bankruptcy",
    "",
    "shares",
    "Acme profit beats estimates, shares rise; " * 400,
    "the the the loss",
    "x" * 1_000_000,
    "\x00 \u202e \U0001f4c9 ÀÉ 株価",
    "misses estimates",
    *(f"{word} shares {'the ' * n}" for n, word in enumerate(["profit", "loss", "falls"] * 6)),
]


@pytest.fixture(
    params=["null", "lexicon", pytest.param("checkpoint", marks=pytest.mark.model)], scope="module"
)
def classifier(request: pytest.FixtureRequest) -> Classifier:
    """Each model there is."""
    if request.param != "checkpoint":
        return load(Nlp(model=request.param))
    make: Making = request.getfixturevalue("make_checkpoint")
    return load(Nlp(model=str(make()), device="cpu", batch_tokens=128))


def close(one: Scores, other: Scores) -> bool:
    """Equal within 1e-4, topics included."""
    pairs = zip(one[:3], other[:3], strict=True)
    return one.topics == other.topics and all(isclose(a, b, abs_tol=1e-4) for a, b in pairs)


def test_every_text_gets_a_distribution_and_topics(classifier: Classifier) -> None:
    """A missing or crooked score would shift all that follow, or the detector's shares."""
    scores = classifier.classify(TEXTS)
    assert len(scores) == len(TEXTS)
    for one in scores:
        assert isclose(sum(one[:3]), 1.0, abs_tol=1e-6)
        assert min(one[:3]) >= 0.0
        assert all(0.0 <= score <= 1.0 for score in one.topics.values())


def test_neighbours_and_order_do_not_matter(classifier: Classifier) -> None:
    """A replay in other batches would score the same article otherwise."""
    expected = classifier.classify(TEXTS)
    order = list(range(len(TEXTS)))
    Random(3).shuffle(order)
    shuffled = classifier.classify([TEXTS[index] for index in order])
    alone = [classifier.classify([text])[0] for text in TEXTS]
    assert all(close(expected[index], one) for index, one in zip(order, shuffled, strict=True))
    assert all(close(a, b) for a, b in zip(expected, alone, strict=True))


def test_no_texts_are_no_scores(classifier: Classifier) -> None:
    """A chunk of duplicates only leaves nothing to score."""
    assert classifier.classify([]) == []


def test_a_model_says_who_it_is(classifier: Classifier) -> None:
    """Scores of two models would be mixed without a trace."""
    assert classifier.model_id
    assert "/" not in classifier.model_id
