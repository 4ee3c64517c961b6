"""A model's scores turned into guesses."""

from collections.abc import Sequence

import pytest

from nlp.classifier import Scores
from nlp.evaluation.predictions import CHUNK_TEXTS, NO_GUESS, NotEvaluated, predict
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier
from nlp.tasks import SENTIMENTS, TOPICS


class Told:
    """Gives the first topic to texts that say so."""

    model_id = "told"

    def __init__(self) -> None:
        self.most = 0

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.most = max(self.most, len(texts))
        return [Scores(0.1, 0.2, 0.7, {"macro": 0.3, "ipo": 0.4} if it else {}) for it in texts]


def test_the_likeliest_sentiment_is_the_guess_and_its_probability_the_score() -> None:
    """Calibration would be judged by another class than the one that is shown."""
    found = predict(Told(), ["a"], "sentiment")
    assert SENTIMENTS[found.labels[0]] == "positive"
    assert found.confidence.tolist() == [0.7]


def test_the_highest_topic_is_the_guess_and_no_topic_is_wrong_not_left_out() -> None:
    """A model that keeps silent when in doubt would get a better score than one that tries."""
    found = predict(Told(), ["a", ""], "topic")
    assert TOPICS[found.labels[0]] == "ipo"
    assert found.labels[1] == NO_GUESS
    assert found.confidence.tolist() == [0.4, 0.0]


def test_texts_come_in_bounded_portions_that_are_told() -> None:
    """Memory would grow with the file, or the progress bar stand still until the end."""
    model, told = Told(), list[int]()
    predict(model, ["a"] * (CHUNK_TEXTS + 1), "sentiment", told.append)
    assert model.most == CHUNK_TEXTS
    assert told == [CHUNK_TEXTS, 1]


def test_models_with_other_topics_or_none_are_not_judged() -> None:
    """Every guess would be counted as wrong, and the model look useless."""
    with pytest.raises(NotEvaluated, match="null gives no topics"):
        predict(NullClassifier(), ["Tove agrees to buy Gyre"], "topic")
    with pytest.raises(
        NotEvaluated, match="lexicon-1 gives topics that the labels do not know: mergers"
    ):
        predict(Lexicon(), ["Tove agrees to buy Gyre"], "topic")
