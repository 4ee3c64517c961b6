"""What every classifier must keep, as checks that other packages can run on theirs.

With pytest::

    from nlp.contract import CHECKS

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_contract(check):
        check(my_classifier)

Each check returns, or raises `Broken` with what is wrong and what it would do to users. Run them
in full precision: bf16 and int8 round by more than `TOLERANCE`.
"""

from collections.abc import Callable, Sequence
from math import isclose
from random import Random
from typing import Final

from nlp.classifier import Classifier, ModelError, Scores

TOLERANCE: Final = 1e-4

TEXTS: Final = (
    "Acme files for bankruptcy",
    "",
    "shares",
    "Acme profit beats estimates, shares rise; " * 400,
    "the the the loss",
    "x" * 1_000_000,
    "\x00 \u202e \U0001f4c9 \u00c0\u00c9 \u682a\u4fa1",
    "misses estimates",
    *(f"{word} shares {'the ' * n}" for n, word in enumerate(["profit", "loss", "falls"] * 6)),
)
"""Ordinary ones of many lengths, and what producers send by mistake."""


class Broken(AssertionError):  # noqa: N818 - the state
    """A classifier does not keep the contract; the message says how."""


def every_text_gets_a_distribution(classifier: Classifier) -> None:
    """A missing or crooked score would shift all that follow, or the detector's shares."""
    scores = classifier.classify(TEXTS)
    _demand(len(scores) == len(TEXTS), f"{len(TEXTS)} texts gave {len(scores)} scores")
    for text, one in zip(TEXTS, scores, strict=True):
        _demand(isinstance(one, Scores), f"a {type(one).__name__} is no nlp.classifier.Scores")
        _demand(_is_distribution(one), f"{one[:3]} is no distribution (text {text[:20]!r})")


def topics_are_scores(classifier: Classifier) -> None:
    """A topic above one or without a name would make signals that no rule expects."""
    for one in classifier.classify(TEXTS):
        bad = {name: it for name, it in one.topics.items() if not (name and 0.0 <= it <= 1.0)}
        _demand(not bad, f"topics need a name and a score from 0 to 1: {bad}")
        unknown = set(one.about) - set(one.topics)
        _demand(not unknown, f"a text is about {sorted(unknown)}, which have no score")


def neighbours_do_not_matter(classifier: Classifier) -> None:
    """A replay in other batches would score the same article otherwise."""
    expected = classifier.classify(TEXTS)
    alone = [classifier.classify([text])[0] for text in TEXTS]
    _compare(expected, alone, "alone and in a batch")


def order_does_not_matter(classifier: Classifier) -> None:
    """An article would get its neighbour's scores, or others after a rebalance."""
    expected = classifier.classify(TEXTS)
    order = list(range(len(TEXTS)))
    Random(3).shuffle(order)  # noqa: S311 - any order will do, but the same each time
    shuffled = classifier.classify([TEXTS[index] for index in order])
    _compare([expected[index] for index in order], shuffled, "in another order")


def no_texts_are_no_scores(classifier: Classifier) -> None:
    """A batch of nothing but copies leaves nothing to score."""
    _demand(classifier.classify([]) == [], "no texts must give an empty list")


def a_model_says_who_it_is(classifier: Classifier) -> None:
    """Scores of two models would be mixed without a trace."""
    before = classifier.model_id
    classifier.classify(["shares"])
    _demand(bool(before) and "/" not in before, f"{before!r} is no model_id: no slash, not empty")
    _demand(classifier.model_id == before, "model_id changes from call to call")


def a_refused_text_is_a_model_error(classifier: Classifier) -> None:
    """Any other exception ends the worker, again and again: the text would never be set aside."""
    for text in ("half a surrogate \ud800", "\x00" * 10_000):
        try:
            classifier.classify(["fine", text])
        except ModelError:
            continue
        except Exception as error:
            raise Broken(
                f"a text that can't be scored must raise ModelError, not {type(error).__name__}"
            ) from error


CHECKS: Final[tuple[Callable[[Classifier], None], ...]] = (
    every_text_gets_a_distribution,
    topics_are_scores,
    neighbours_do_not_matter,
    order_does_not_matter,
    no_texts_are_no_scores,
    a_model_says_who_it_is,
    a_refused_text_is_a_model_error,
)


def _compare(expected: Sequence[Scores], found: Sequence[Scores], when: str) -> None:
    _demand(len(expected) == len(found), f"{len(expected)} texts gave {len(found)} scores {when}")
    for one, other in zip(expected, found, strict=True):
        _demand(_close(one, other), f"the same text scores otherwise {when}: {one} and {other}")


def _close(one: Scores, other: Scores) -> bool:
    numbers = zip((*one[:3], *one.topics.values()), (*other[:3], *other.topics.values()))  # noqa: B905
    same = all(isclose(a, b, abs_tol=TOLERANCE) for a, b in numbers)
    return same and one.topics.keys() == other.topics.keys()


def _is_distribution(scores: Scores) -> bool:
    three = scores[:3]
    return min(three) >= 0.0 and isclose(sum(three), 1.0, abs_tol=TOLERANCE)


def _demand(kept: bool, otherwise: str) -> None:
    if not kept:
        raise Broken(otherwise)
