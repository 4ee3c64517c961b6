"""A second model beside the first."""

from collections.abc import Sequence
from itertools import chain, repeat

import pytest
from structlog.testing import capture_logs

from nlp.classifier import ModelError, Scores
from nlp.ensembles.shadow import TEXTS_PER_LOG_LINE, Shadow
from nlp.ensembles.shadow_agreement import ShadowAgreement
from nlp.lexicon.lexicon import Lexicon
from nlp.load import load
from nlp.null import NEUTRAL, NullClassifier
from nlp.settings import ModelSettings

TEXTS = ["Acme files for bankruptcy", "Diary", "Acme beats estimates"]


class Failing(NullClassifier):
    """Fails as told, call after call."""

    model_id = "failing"

    def __init__(self, *failures: BaseException | None) -> None:
        self.calls = 0
        self._failures = chain(failures, repeat(None))

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.calls += 1
        failure = next(self._failures)
        if failure:
            raise failure
        return super().classify(texts)


class Short(NullClassifier):
    """Loses a text."""

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        return super().classify(texts)[1:]


def test_the_second_model_says_what_it_thinks_and_changes_nothing() -> None:
    """A model under trial would move alerts, or there would be nothing to judge it by."""
    shadow = load(ModelSettings(model="null", shadow="lexicon"))
    answers, second = shadow.classify(TEXTS), Lexicon().classify(TEXTS)
    assert shadow.model_id == "null"
    assert [first_scores._replace(shadow=None) for first_scores in answers] == [NEUTRAL] * 3
    for first_scores, second_scores in zip(answers, second, strict=True):
        assert first_scores.shadow == (
            "lexicon-2",
            *second_scores[:3],
            second_scores.topics,
            second_scores.about,
        )


@pytest.mark.parametrize(
    "second",
    [Failing(*[RuntimeError("oh")] * 9), Failing(*[ModelError("no")] * 9), Short()],
    ids=["crashes", "refuses", "loses"],
)
def test_a_failure_in_the_shadow_harms_nobody(second: NullClassifier) -> None:
    """A model under trial would stop the worker."""
    shadow = Shadow(Lexicon(), second)
    assert shadow.classify(TEXTS) == Lexicon().classify(TEXTS)
    assert (shadow.agreement.texts, shadow.agreement.unscored) == (0, 3)


def test_a_failing_shadow_is_logged_once_in_a_while() -> None:
    """The log would be full of it, or nobody would learn why the field is empty."""
    now = 0.0
    shadow = Shadow(NullClassifier(), Failing(*[RuntimeError("oh")] * 9), clock=lambda: now)
    with capture_logs() as lines:
        for _ in range(4):
            shadow.classify(TEXTS)
        now = 61.0
        shadow.classify(TEXTS)
    assert [line["batches"] for line in lines] == [1, 4]
    assert {line["event"] for line in lines} == {"shadow failed"}
    assert lines[0]["error"] == "RuntimeError: oh"


def test_what_the_first_refuses_the_second_is_not_asked() -> None:
    """A batch that is bisected would be compared again and again."""
    second = Failing()
    shadow = Shadow(Failing(ModelError("poison")), second)
    with pytest.raises(ModelError):
        shadow.classify(TEXTS)
    shadow.classify(TEXTS)
    assert second.calls == 1
    assert shadow.agreement.texts == 3


def test_agreement_is_counted() -> None:
    """A model would be put into service on a figure that is wrong."""
    counted = ShadowAgreement()
    counted.count(Scores(0.6, 0.4, 0.0, {"ipo": 0.9}), Scores(0.9, 0.1, 0.0, {"ipo": 0.6}))
    counted.count(Scores(0.6, 0.4, 0.0, {"ipo": 0.9}), Scores(0.0, 0.4, 0.6, {"ipo": 0.1}))
    assert (counted.texts, counted.equal_labels, counted.equal_topics) == (2, 1, 1)
    assert counted.difference == pytest.approx((0.6 + 1.2) / 3)
    assert counted.summary() == {
        "texts": 2,
        "unscored": 0,
        "equal_labels": 0.5,
        "equal_topics": 0.5,
        "mean_difference": 0.3,
    }


def test_agreement_is_logged_every_so_many_texts() -> None:
    """A user would have to read the topic to see how the model under trial does."""
    shadow = Shadow(NullClassifier(), Lexicon())
    with capture_logs() as lines:
        for _ in range(5):
            shadow.classify(["Acme is bankrupt", "Diary"] * (TEXTS_PER_LOG_LINE // 4))
    assert [line["texts"] for line in lines] == [TEXTS_PER_LOG_LINE, 2 * TEXTS_PER_LOG_LINE]
    assert lines[0]["event"] == "shadow agreement"
    assert (lines[0]["model"], lines[0]["shadow"]) == ("null", "lexicon-2")
    assert lines[0]["equal_labels"] == 0.5
