"""Explanations of the Chinese word lists: their own arithmetic."""

from math import log

import pytest

from nlp.classifier import Scores
from nlp.explain.explainer import explainer
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS

MODEL = load(ModelSettings(model="lexicon"))
TEXTS = (
    "净亏损收窄 罢工取消 股价小幅上涨",
    "公司否認破產傳聞",
    "工廠爆炸 四人死亡 多人受傷 股價暴跌 遭調查",
    "美联储加息",
    "海恒股份",
)


def log_odds(scores: Scores, label: str) -> float:
    """Return the mean log-odds of ``label`` against the other sentiments."""
    logs = dict(zip(SENTIMENTS, map(log, scores[:3]), strict=True))
    own = logs.pop(label)
    return own - sum(logs.values()) / 2


@pytest.mark.parametrize("text", TEXTS)
def test_the_words_add_up_to_the_answer(text: str) -> None:
    """An explanation that is called exact would not be exact."""
    scores, empty = MODEL.classify([text, "海"])
    explanation = explainer(MODEL).explain(text, scores)
    sentiment, topic = explanation.sentiment, explanation.topic
    assert sentiment is not None
    difference = log_odds(scores, sentiment.label) - log_odds(empty, sentiment.label)
    assert sum(value for _, value in sentiment.words) == pytest.approx(difference, abs=1e-9)
    if topic:
        total = sum(value for _, value in topic.words)
        assert total == pytest.approx(-log(1 - scores.topics[topic.label]), abs=1e-9)


def test_each_language_is_explained_by_the_model_that_read_it() -> None:
    """A Chinese headline would be explained by English words."""
    texts = ["Acme shares plunge", "公司破产", "Nordbau senkt Prognose nach schwachem Quartal"]
    english, chinese, german = (
        explainer(MODEL).explain(text, scores)
        for text, scores in zip(texts, MODEL.classify(texts), strict=True)
    )
    assert english.sentiment is not None
    assert dict(english.sentiment.words)["plunge"] > 0
    assert chinese.sentiment is not None
    assert dict(chinese.sentiment.words)["破产"] > 0
    assert german.method == "none"


def test_any_label_is_explained_alone() -> None:
    """A reader of Chinese who asks why a text is not positive would hear why it is negative."""
    text = "公司业绩大幅下滑"
    (scores,) = MODEL.classify([text])
    for label in SENTIMENTS:
        explanation = explainer(MODEL).explain(text, scores, label)
        assert explanation.topic is None
        assert explanation.sentiment is not None
        assert explanation.sentiment.label == label
        values = [value for _, value in explanation.sentiment.words]
        assert sum(values) > 0 if label == "negative" else sum(values) < 0
