"""The model that is shipped."""

import pytest

from nlp.settings import ModelSettings
from nlp.transformer import model_files
from nlp.transformer.model_path import SHIPPED
from nlp.transformer.transformer import Transformer

pytestmark = pytest.mark.model

MAX_BYTES = 8_000_000
"""Size of all files that are not in the encoder's own package."""


@pytest.fixture(scope="module")
def shipped() -> Transformer:
    """The model as a worker loads it."""
    return Transformer(SHIPPED, ModelSettings(device="cpu"))


def test_it_is_small_and_whole() -> None:
    """Every install and every image would carry more than it has to, or a damaged model."""
    weights = [path for path in SHIPPED.iterdir() if path.name != "MODEL_CARD.md"]
    assert sum(path.stat().st_size for path in weights) <= MAX_BYTES
    manifest = model_files.verify(SHIPPED)
    assert {path.name for path in SHIPPED.glob("*.safetensors")} <= set(manifest.files)


@pytest.mark.parametrize(
    ("text", "sentiment", "topic"),
    [
        ("Acme shares plunge 20% after profit warning", "negative", "stock-movement"),
        ("Globex beats quarterly earnings estimates and raises its guidance", "positive", None),
        ("Initech declares quarterly dividend of $0.25 per share", None, "dividend"),
        ("Fed raises interest rates by 25 basis points", None, "fed-central-banks"),
        ("Acme shares hold steady", "neutral", None),
        ("Umbrella Corp names new chief financial officer", "neutral", "personnel-change"),
    ],
)
def test_it_reads_plain_headlines(
    shipped: Transformer, text: str, sentiment: str | None, topic: str | None
) -> None:
    """The weights would be those of no training, or not fit the encoder's version."""
    (scores,) = shipped.classify([text])
    sentiments = {
        "negative": scores.negative,
        "neutral": scores.neutral,
        "positive": scores.positive,
    }
    assert sentiment in {None, max(sentiments, key=lambda name: sentiments[name])}
    assert topic in {None, max(scores.topics, key=lambda name: scores.topics[name])}


def test_a_text_may_carry_several_topics(shipped: Transformer) -> None:
    """Each topic would be a share of one, so that an article could have one only."""
    text = "Acme raises its dividend as quarterly earnings beat estimates and shares jump 12%"
    (scores,) = shipped.classify([text])
    assert sum(score >= 0.05 for score in scores.topics.values()) > 1
    assert len(set(shipped.calibration.thresholds)) > 1
