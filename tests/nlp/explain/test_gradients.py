"""Integrated gradients: every word's value, and all of them together."""

from math import log
from pathlib import Path

import numpy as np
import pytest
import torch

from nlp.classifier import Scores
from nlp.explain.explainer import explainer
from nlp.explain.explanation import sentiment_of, topic_of
from nlp.explain.gradients import TOLERANCE
from nlp.inference.torch_runtime import TorchModel
from nlp.normalise import normalise
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS, TOPICS
from nlp.transformer.transformer import Transformer

pytestmark = pytest.mark.model

LONG = "Acme rises, Beta falls by 5% and nobody knows why; " * 3
TEXTS = ("Shares fall again, 5% down", "$ACME soars!! https://t.co/x", "央行意外降息", "", LONG)


@pytest.fixture(scope="module", params=[False, True], ids=["beginning", "windows"])
def model(folder: Path, request: pytest.FixtureRequest) -> Transformer:
    """The model, reading the beginning of a text or all of it."""
    return Transformer(folder, ModelSettings(dtype="fp32", device="cpu", windows=request.param))


def sentiment_odds(three: np.ndarray, label: str) -> float:
    """The mean of the log-odds of ``label`` against the others, from three logs."""
    place = SENTIMENTS.index(label)
    return float(three[place] - np.delete(three, place).mean())


def unknown(model: Transformer, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Logits of a text of [MASK], as long as ``text``, without an n-gram in it."""
    backend = model.tokenizer.backend_tokenizer
    encoded = backend.encode(normalise(text))
    windows = [encoded, *encoded.overflowing][: 8 if backend.truncation["stride"] else 1]
    assert isinstance(model.model, TorchModel)
    rows = []
    for window in windows:
        ids = torch.tensor([[101, *[103] * (len(window.ids) - 2), 102]])
        with torch.inference_mode():
            rows.append(
                model.model.module({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
            )
    three, topics = (np.mean([r[of][0].numpy() for r in rows], axis=0) for of in rows[0])
    assert model.ngrams is not None
    bias, blend = model.ngrams.bias, model.calibration.blend
    return three + blend[0] * bias[:3], topics + blend[1] * bias[3:]


def expected(model: Transformer, text: str, scores: Scores) -> tuple[float, float]:
    """What the values for the likeliest sentiment and topic have to sum to."""
    three, topics = unknown(model, text)
    fitted, label, topic = model.calibration, sentiment_of(scores), topic_of(scores)
    now = sentiment_odds(np.log(scores[:3]), label)
    p = scores.topics[topic or ""]
    before = float(topics[TOPICS.index(topic or "")] * fitted.scale + fitted.shift)
    return now - sentiment_odds(three / fitted.temperature, label), log(p / (1 - p)) - before


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_words_add_up_to_the_answer(model: Transformer, text: str) -> None:
    """A user would be told reasons that are not the model's."""
    (scores,) = model.classify([text])
    explained = explainer(model).explain(text, scores)
    assert explained.method == "integrated-gradients"
    for part, sum_ in zip(explained[1:], expected(model, text, scores), strict=True):
        assert part is not None
        assert part.delta is not None
        assert abs(part.delta) <= TOLERANCE
        assert sum(value for _, value in part.words) - part.delta == pytest.approx(sum_, abs=2e-3)


def test_the_words_are_those_of_the_text(model: Transformer) -> None:
    """A reader would see pieces of words, or a link that the model never saw."""
    text = "RT @x: Unfathomable restructurings, at $ACME https://t.co/x"
    explained = explainer(model).explain(text, model.classify([text])[0])
    assert explained.sentiment is not None
    words = [word for word, _ in explained.sentiment.words]
    assert words == ["Unfathomable", "restructurings,", "at", "ACME"]


def test_explaining_changes_no_answer(model: Transformer) -> None:
    """A prediction after an explanation would differ from one before."""
    before = model.classify(TEXTS)
    for text, scores in zip(TEXTS[:3], before, strict=False):
        explainer(model).explain(text, scores)
    assert model.classify(TEXTS) == before


def test_a_word_that_is_all_the_difference_has_all_the_value(folder: Path) -> None:
    """The colours would be on the wrong words."""
    model = Transformer(folder, ModelSettings(dtype="fp32", device="cpu"))
    text = "[MASK] [MASK] collapse [MASK]"
    explained = explainer(model).explain(text, model.classify([text])[0])
    assert explained.topic is not None
    strongest = max(explained.topic.words, key=lambda word: abs(word[1]))
    assert strongest[0] == "collapse"


def test_another_precision_is_explained_by_occlusion(folder: Path) -> None:
    """Rough gradients would be shown as if they were exact, or the command would crash."""
    model = Transformer(folder, ModelSettings(dtype="bf16", device="cpu"))
    explained = explainer(model).explain("Shares fall", model.classify(["Shares fall"])[0])
    assert explained.method == "occlusion"
