"""A model's scores turned into predictions."""

from collections.abc import Sequence

import pytest

from nlp.classifier import Scores
from nlp.evaluation.predictions import CHUNK_TEXTS, NO_GUESS, NotEvaluated, predict
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier
from nlp.tasks import SENTIMENTS, TOPICS


class FixedScores:
    """Gives the same scores to every text, but no topics to an empty one."""

    model_id = "fixed-scores"

    def __init__(self) -> None:
        self.largest_batch = 0

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.largest_batch = max(self.largest_batch, len(texts))
        topics = {"macro": 0.3, "ipo": 0.4}
        return [Scores(0.1, 0.2, 0.7, topics if text else {}) for text in texts]


class Forecaster(FixedScores):
    """Knows a topic that nobody else does."""

    model_id = "forecaster"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        return [Scores(0.1, 0.2, 0.7, {"weather": 0.9})] * len(texts)


def test_the_likeliest_sentiment_is_the_guess_and_its_probability_the_score() -> None:
    """Calibration would be computed for another class than the one that is shown."""
    predictions = predict(FixedScores(), ["a"], "sentiment")
    assert SENTIMENTS[predictions.labels[0]] == "positive"
    assert predictions.confidence.tolist() == [0.7]


def test_the_highest_topic_is_the_guess_and_no_topic_is_wrong_not_left_out() -> None:
    """A model that keeps silent when in doubt would get a better score than one that tries."""
    predictions = predict(FixedScores(), ["a", ""], "topic")
    assert TOPICS[predictions.labels[0]] == "ipo"
    assert predictions.labels[1] == NO_GUESS
    assert predictions.confidence.tolist() == [0.4, 0.0]


def test_texts_come_in_bounded_chunks_that_are_reported() -> None:
    """Memory would grow with the file, or the progress bar stand still until the end."""
    model, progress = FixedScores(), list[int]()
    predict(model, ["a"] * (CHUNK_TEXTS + 1), "sentiment", progress.append)
    assert model.largest_batch == CHUNK_TEXTS
    assert progress == [CHUNK_TEXTS, 1]


def test_models_with_other_topics_or_none_are_not_evaluated() -> None:
    """Every guess would be counted as wrong, and the model look useless."""
    with pytest.raises(NotEvaluated, match="null gives no topics"):
        predict(NullClassifier(), ["Tove agrees to buy Gyre"], "topic")
    with pytest.raises(
        NotEvaluated, match="forecaster gives topics that the labels do not know: weather"
    ):
        predict(Forecaster(), ["Tove agrees to buy Gyre"], "topic")
    assert predict(Lexicon(), ["Tove agrees to buy Gyre"], "topic").labels[0] != NO_GUESS
