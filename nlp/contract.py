"""The contract of every classifier, as checks that other packages can run on theirs.

With pytest::

    from nlp.contract import CHECKS

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_contract(check):
        check(my_classifier)

Each check returns, or raises `Broken`, whose message says what is wrong. Run the checks in full
precision: bf16 and int8 round by more than `TOLERANCE`.

One promise cannot be checked from outside, because nobody can make any model busy at will: a model
that cannot answer *now* (a remote server that is overloaded, a device that another process holds)
raises `nlp.classifier.ModelBusy`. The worker then asks again with the same texts, with growing
pauses, and opens the model's circuit (docs/circuit.md). A `nlp.classifier.ModelError` in its place
costs further calls, as the worker first looks for a text that is at fault.
"""

from collections.abc import Callable, Sequence
from math import isclose
from random import Random
from typing import Final

from nlp.classifier import (
    MAX_SEVERITY,
    Classifier,
    ModelError,
    Question,
    Scores,
    SubjectClassifier,
)

TOLERANCE: Final = 1e-4
"""Largest difference between two scores of one text that is taken for rounding."""

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
"""Ordinary texts of many lengths, and texts that producers send by mistake."""

QUESTIONS: Final = (
    Question("Acme files for bankruptcy", "Acme"),
    Question("Acme soars as Emca files for bankruptcy", "Acme"),
    Question("Acme soars as Emca files for bankruptcy", "Emca"),
    Question("", "Acme"),
    Question("Shares of a rival fall", "Acme"),
    Question("Acme falls", "Acme " * 1_000),
    *(Question(text, "Acme") for text in TEXTS[3:]),
)
"""Questions about texts that name the company, and about some that do not."""


class Broken(AssertionError):
    """A classifier does not keep the contract; the message says how."""


def every_text_gets_a_distribution(classifier: Classifier) -> None:
    """Check that each text gets three probabilities that sum to 1.

    A missing score would shift all scores that follow, and a wrong sum the detector's shares.
    """
    _demand_distributions(TEXTS, classifier.classify(TEXTS))


def topics_are_scores(classifier: Classifier) -> None:
    """Check that each topic has a name and a score from 0 to 1.

    Any other topic would make signals that no rule expects.
    """
    for answer in classifier.classify(TEXTS):
        bad = {
            topic: score
            for topic, score in answer.topics.items()
            if not (topic and 0.0 <= score <= 1.0)
        }
        _demand(not bad, f"topics need a name and a score from 0 to 1: {bad}")
        unknown = set(answer.about) - set(answer.topics)
        _demand(not unknown, f"a text is about {sorted(unknown)}, which have no score")


def severities_are_on_the_scale(classifier: Classifier) -> None:
    """Check that each severity is from 0 to 3, or None; the answers' too, if there are any.

    An alert would say that something is worse than the worst.
    """
    answers = classifier.classify(TEXTS)
    if isinstance(classifier, SubjectClassifier):
        answers = [*answers, *classifier.classify_about(QUESTIONS)]
    for severity in (answer.severity for answer in answers):
        is_on_scale = severity is None or 0.0 <= severity <= MAX_SEVERITY
        _demand(is_on_scale, f"{severity} is no severity from 0 to {MAX_SEVERITY:g}")


def questions_are_answered(classifier: Classifier) -> None:
    """Check that a model with ``classify_about`` keeps the same promises there as for texts.

    A company would get another's sentiment, or another one by a replay; and a question that is not
    answered would end the worker. Of a model without it nothing is asked.
    """
    if not isinstance(classifier, SubjectClassifier):
        return
    ask = classifier.classify_about
    _demand(ask([]) == [], "no questions must give an empty list")
    answers = ask(QUESTIONS)
    _demand_distributions([question.text for question in QUESTIONS], answers)
    alone = [ask([question])[0] for question in QUESTIONS]
    _compare(answers, alone, "alone and in a batch")
    _compare(answers[::-1], ask(QUESTIONS[::-1]), "in another order")
    try:
        ask([Question("half a surrogate \ud800", "Acme"), Question("Acme falls", "\ud800")])
    except ModelError:
        return
    except Exception as error:
        raise Broken(
            f"a question without an answer must raise ModelError, not {type(error).__name__}"
        ) from error


def neighbours_do_not_matter(classifier: Classifier) -> None:
    """Check that a text scores the same alone and in a batch.

    A replay, whose batches differ, would give the same article other scores.
    """
    expected = classifier.classify(TEXTS)
    alone = [classifier.classify([text])[0] for text in TEXTS]
    _compare(expected, alone, "alone and in a batch")


def order_does_not_matter(classifier: Classifier) -> None:
    """Check that each text keeps its scores when the batch is shuffled.

    An article would get its neighbour's scores, or other scores after a rebalance.
    """
    expected = classifier.classify(TEXTS)
    order = list(range(len(TEXTS)))
    Random(3).shuffle(order)  # noqa: S311 - any order will do, but the same each time
    shuffled = classifier.classify([TEXTS[index] for index in order])
    _compare([expected[index] for index in order], shuffled, "in another order")


def no_texts_are_no_scores(classifier: Classifier) -> None:
    """Check that an empty batch is answered with an empty list.

    A batch of nothing but copies leaves no text to score.
    """
    _demand(classifier.classify([]) == [], "no texts must give an empty list")


def a_model_says_who_it_is(classifier: Classifier) -> None:
    """Check that ``model_id`` is not empty, has no slash, and does not change.

    Scores of two models would be mixed without a trace.
    """
    before = classifier.model_id
    classifier.classify(["shares"])
    _demand(bool(before) and "/" not in before, f"{before!r} is no model_id: no slash, not empty")
    _demand(classifier.model_id == before, "model_id changes from call to call")


def a_refused_text_is_a_model_error(classifier: Classifier) -> None:
    """Check that a text is scored, or refused with a `ModelError`.

    Any other exception ends the worker, again and again: the text would never be set aside.
    """
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
    severities_are_on_the_scale,
    neighbours_do_not_matter,
    order_does_not_matter,
    no_texts_are_no_scores,
    a_model_says_who_it_is,
    a_refused_text_is_a_model_error,
    questions_are_answered,
)
"""All checks of the contract."""


def _demand_distributions(texts: Sequence[str], scores: Sequence[Scores]) -> None:
    _demand(len(scores) == len(texts), f"{len(texts)} texts gave {len(scores)} scores")
    for text, answer in zip(texts, scores, strict=True):
        _demand(
            isinstance(answer, Scores), f"a {type(answer).__name__} is no nlp.classifier.Scores"
        )
        sentiment = answer[:3]
        _demand(
            min(sentiment) >= 0.0 and isclose(sum(sentiment), 1.0, abs_tol=TOLERANCE),
            f"{sentiment} is no distribution (text {text[:20]!r})",
        )


def _compare(expected: Sequence[Scores], actual: Sequence[Scores], when: str) -> None:
    _demand(len(expected) == len(actual), f"{len(expected)} texts gave {len(actual)} scores {when}")
    for first, second in zip(expected, actual, strict=True):
        same = first.topics.keys() == second.topics.keys() and all(
            isclose(a, b, abs_tol=TOLERANCE)
            for a, b in zip(_numbers(first), _numbers(second), strict=True)
        )
        _demand(same, f"the same text scores otherwise {when}: {first} and {second}")


def _numbers(scores: Scores) -> list[float]:
    severity = -1.0 if scores.severity is None else scores.severity
    return [*scores[:3], severity, *(scores.topics[topic] for topic in sorted(scores.topics))]


def _demand(condition: bool, message: str) -> None:
    if not condition:
        raise Broken(message)
