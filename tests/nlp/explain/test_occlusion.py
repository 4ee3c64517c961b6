"""Explanations of models that nothing is known about."""

from collections.abc import Sequence

import pytest

from nlp.classifier import Scores
from nlp.ensembles.ensemble import Ensemble, Weighted
from nlp.explain.explainer import explainer
from nlp.explain.occlusion import MAX_WORDS
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier


class Counting:
    """Negative as far as a text says "fall"; remembers what it was asked."""

    model_id = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.asked += texts
        shares = [min(0.2 + 0.3 * text.count("fall"), 1.0) for text in texts]
        return [Scores(share, 1.0 - share, 0.0, {"markets": share}) for share in shares]


def test_a_word_has_what_the_answer_loses_without_it() -> None:
    """A plug-in's users would have no explanation, or that of another model."""
    model = Counting()
    text = "Shares fall and fall"
    explained = explainer(model).explain(text, model.classify([text])[0])
    assert explained.method == "occlusion"
    for part, label in ((explained.sentiment, "negative"), (explained.topic, "markets")):
        assert part is not None
        assert part.label == label
        assert part.delta is None
        assert [word for word, _ in part.words] == text.split()
        assert [value for _, value in part.words] == pytest.approx([0.0, 0.3, 0.0, 0.3])


def test_a_huge_text_costs_no_more_than_a_long_one() -> None:
    """One article would keep the model busy for an hour, or fill the memory."""
    model = Counting()
    explained = explainer(model).explain("fall " * 200_000, Scores(1.0, 0.0, 0.0, {}))
    assert explained.sentiment is not None
    assert len(explained.sentiment.words) == MAX_WORDS
    assert sum(map(len, model.asked)) < 20_000 * (MAX_WORDS + 1) + 1


def test_an_ensemble_is_explained_as_one() -> None:
    """One member's reasons would be given for what all of them said."""
    model = Ensemble([Weighted(Lexicon()), Weighted(Counting())])
    explained = explainer(model).explain("Profit slumps", model.classify(["Profit slumps"])[0])
    assert explained.method == "occlusion"


def test_the_null_model_has_no_reasons() -> None:
    """A user would look for a meaning in numbers that have none."""
    explained = explainer(NullClassifier()).explain("Shares fall", Scores(0.0, 1.0, 0.0, {}))
    assert explained.as_json() == {
        "method": "none",
        "labels": {},
        "delta": {},
        "sentiment": [],
        "topic": [],
    }
