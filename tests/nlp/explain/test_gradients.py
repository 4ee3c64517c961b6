"""Integrated gradients of newsquake's own models."""

import sys
from collections.abc import Callable
from math import log
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import torch

from nlp.classifier import ModelError, ModelMissing, Scores
from nlp.explain.explainer import explainer
from nlp.explain.explanation import likeliest_sentiment, likeliest_topic
from nlp.explain.gradients import TOLERANCE
from nlp.inference.torch_runtime import TorchModel
from nlp.normalise import normalise
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS, TASKS, TOPICS
from nlp.transformer.transformer import Transformer

Forgetting = Callable[[Path, str], None]
pytestmark = pytest.mark.model

LONG = "Acme rises, Beta falls by 5% and nobody knows why; " * 3
TEXTS = ("Shares fall again, 5% down", "$ACME soars!! https://t.co/x", "央行意外降息", "", LONG)


@pytest.fixture(scope="module", params=[False, True], ids=["beginning", "windows"])
def model(folder: Path, request: pytest.FixtureRequest) -> Transformer:
    """Return the model, reading the beginning of a text or all of it."""
    return Transformer(
        folder, ModelSettings(dtype="fp32", device="cpu", runtime="torch", windows=request.param)
    )


@pytest.fixture(scope="module")
def without_topics(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, forget: Forgetting
) -> Transformer:
    """Return the model with a head of topics that no row has taught anything."""
    copy = copytree(folder, tmp_path_factory.mktemp("copies") / "sentiments-only")
    forget(copy, "topic")
    return Transformer(copy, ModelSettings(dtype="fp32", device="cpu", runtime="torch"))


def sentiment_log_odds(logits: np.ndarray, label: str) -> float:
    """Return the mean log-odds of ``label`` against the other sentiments."""
    index = SENTIMENTS.index(label)
    return float(logits[index] - np.delete(logits, index).mean())


def masked_logits(model: Transformer, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the logits of a text of [MASK], as long as ``text``, without any n-gram."""
    backend = model.tokenizer
    encoded = backend.encode(normalise(text))
    assert backend.truncation
    windows = [encoded, *encoded.overflowing][: 8 if backend.truncation["stride"] else 1]
    assert isinstance(model.model, TorchModel)
    rows = []
    for window in windows:
        ids = torch.tensor([[101, *[103] * (len(window.ids) - 2), 102]])
        with torch.inference_mode():
            rows.append(
                model.model.module({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
            )
    sentiments, topics = (np.mean([row[task][0].numpy() for row in rows], axis=0) for task in TASKS)
    assert model.ngrams is not None
    bias, blend = model.ngrams.bias, model.calibration.blend
    return sentiments + blend[0] * bias[:3], topics + blend[1] * bias[3:]


def expected_sums(model: Transformer, text: str, scores: Scores) -> tuple[float, float]:
    """Return the sums that the values for the likeliest sentiment and topic must have."""
    masked_sentiments, masked_topics = masked_logits(model, text)
    calibration = model.calibration
    label, topic = likeliest_sentiment(scores), likeliest_topic(scores)
    p = scores.topics[topic or ""]
    masked_topic = masked_topics[TOPICS.index(topic or "")]
    return (
        sentiment_log_odds(np.log(scores[:3]), label)
        - sentiment_log_odds(masked_sentiments / calibration.temperature, label),
        log(p / (1 - p)) - float(masked_topic * calibration.scale + calibration.shift),
    )


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_words_add_up_to_the_answer(model: Transformer, text: str) -> None:
    """A user would see an explanation that is not the model's."""
    (scores,) = model.classify([text])
    explanation = explainer(model).explain(text, scores)
    assert explanation.method == "integrated-gradients"
    sums = expected_sums(model, text, scores)
    for attribution, expected in zip(explanation[1:], sums, strict=True):
        assert attribution is not None
        assert attribution.delta is not None
        assert abs(attribution.delta) <= TOLERANCE
        total = sum(value for _, value in attribution.words)
        assert total - attribution.delta == pytest.approx(expected, abs=2e-3)


def test_an_unlikely_sentiment_is_explained(model: Transformer) -> None:
    """A user who asks why a text is not negative would hear why it is neutral."""
    (scores,) = model.classify(TEXTS[:1])
    label = SENTIMENTS[int(np.argmin(scores[:3]))]
    explanation = explainer(model).explain(TEXTS[0], scores, label)
    assert explanation.topic is None
    assert explanation.sentiment is not None
    assert explanation.sentiment.label == label
    masked, _ = masked_logits(model, TEXTS[0])
    expected = sentiment_log_odds(np.log(scores[:3]), label)
    expected -= sentiment_log_odds(masked / model.calibration.temperature, label)
    total = sum(value for _, value in explanation.sentiment.words)
    assert total == pytest.approx(expected, abs=TOLERANCE + 2e-3)


def test_a_topic_is_explained_or_refused(model: Transformer, without_topics: Transformer) -> None:
    """Numbers of a head that learnt nothing would be shown as an explanation."""
    (scores,) = model.classify(TEXTS[:1])
    explanation = explainer(model).explain(TEXTS[0], scores, "ipo")
    assert explanation.topic is not None
    assert (explanation.topic.label, explanation.sentiment) == ("ipo", None)

    (scores,) = without_topics.classify(TEXTS[:1])
    explanation = explainer(without_topics).explain(TEXTS[0], scores)
    assert explanation.sentiment is not None
    assert explanation.topic is None
    with pytest.raises(ModelError, match="no topic ipo"):
        explainer(without_topics).explain(TEXTS[0], scores, "ipo")


def test_a_missing_library_is_named_with_its_extra(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user would install an extra that does not bring what is missing."""
    model = Transformer(folder, ModelSettings(dtype="fp32", device="cpu", runtime="torch"))
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(ModelMissing, match=r"captum is missing: install newsquake\[explain\]$"):
        explainer(model)


def test_the_words_are_those_of_the_text(model: Transformer) -> None:
    """A reader would see pieces of words, or a link that the model never saw."""
    text = "RT @x: Unfathomable restructurings, at $ACME https://t.co/x"
    explanation = explainer(model).explain(text, model.classify([text])[0])
    assert explanation.sentiment is not None
    words = [word for word, _ in explanation.sentiment.words]
    assert words == ["Unfathomable", "restructurings,", "at", "ACME"]


def test_explaining_changes_no_answer(model: Transformer) -> None:
    """A prediction after an explanation would differ from one before."""
    before = model.classify(TEXTS)
    for text, scores in zip(TEXTS[:3], before, strict=False):
        explainer(model).explain(text, scores)
    assert model.classify(TEXTS) == before


def test_a_word_that_is_all_the_difference_has_all_the_value(folder: Path) -> None:
    """The colours would be on the wrong words."""
    model = Transformer(folder, ModelSettings(dtype="fp32", device="cpu", runtime="torch"))
    text = "[MASK] [MASK] collapse [MASK]"
    explanation = explainer(model).explain(text, model.classify([text])[0])
    assert explanation.topic is not None
    strongest = max(explanation.topic.words, key=lambda word: abs(word[1]))
    assert strongest[0] == "collapse"


def test_another_precision_is_explained_by_occlusion(folder: Path) -> None:
    """Rough gradients would be shown as if they were exact, or the command would crash."""
    model = Transformer(folder, ModelSettings(dtype="bf16", device="cpu"))
    explanation = explainer(model).explain("Shares fall", model.classify(["Shares fall"])[0])
    assert explanation.method == "occlusion"
