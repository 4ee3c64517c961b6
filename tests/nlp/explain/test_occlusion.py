"""Explanations of models from outside, of ensembles and of the null model."""

from collections.abc import Sequence

import pytest

from nlp.classifier import Scores
from nlp.ensembles.ensemble import Ensemble, Weighted
from nlp.explain.explainer import explainer
from nlp.explain.occlusion import MAX_WORDS
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier


class Counting:
    """Is the more negative the more often a text says "fall"; records the texts."""

    model_id = "counting"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.texts += texts
        shares = [min(0.2 + 0.3 * text.count("fall"), 1.0) for text in texts]
        return [Scores(share, 1.0 - share, 0.0, {"markets": share}) for share in shares]


def test_a_words_value_is_what_the_score_loses_without_it() -> None:
    """A plug-in's users would have no explanation, or that of another model."""
    model = Counting()
    text = "Shares fall and fall"
    explanation = explainer(model).explain(text, model.classify([text])[0])
    assert explanation.method == "occlusion"
    labels = ((explanation.sentiment, "negative"), (explanation.topic, "markets"))
    for attribution, label in labels:
        assert attribution is not None
        assert attribution.label == label
        assert attribution.delta is None
        assert [word for word, _ in attribution.words] == text.split()
        assert [value for _, value in attribution.words] == pytest.approx([0.0, 0.3, 0.0, 0.3])


@pytest.mark.parametrize(
    ("label", "values"),
    [("neutral", [0.0, -0.3]), ("positive", [0.0, 0.0]), ("markets", [0.0, 0.3])],
)
def test_any_label_is_explained_alone(label: str, values: list[float]) -> None:
    """A user who asks why a text is not neutral would hear why it is negative."""
    model = Counting()
    text = "Shares fall"
    explanation = explainer(model).explain(text, model.classify([text])[0], label)
    attributions = [part for part in (explanation.sentiment, explanation.topic) if part]
    assert [part.label for part in attributions] == [label]
    assert [value for _, value in attributions[0].words] == pytest.approx(values)


def test_a_huge_text_costs_no_more_than_a_long_one() -> None:
    """One article would keep the model busy for an hour, or fill the memory."""
    model = Counting()
    explanation = explainer(model).explain("fall " * 200_000, Scores(1.0, 0.0, 0.0, {}))
    assert explanation.sentiment is not None
    assert len(explanation.sentiment.words) == MAX_WORDS
    assert sum(map(len, model.texts)) < 20_000 * (MAX_WORDS + 1) + 1


def test_an_ensemble_is_explained_as_one() -> None:
    """One member's explanation would be given for the answer of all."""
    model = Ensemble([Weighted(Lexicon()), Weighted(Counting())])
    explanation = explainer(model).explain("Profit slumps", model.classify(["Profit slumps"])[0])
    assert explanation.method == "occlusion"


def test_the_null_model_has_no_explanation() -> None:
    """A user would look for a meaning in numbers that have none."""
    explanation = explainer(NullClassifier()).explain("Shares fall", Scores(0.0, 1.0, 0.0, {}))
    assert explanation.as_json() == {
        "method": "none",
        "labels": {},
        "delta": {},
        "sentiment": [],
        "topic": [],
    }
