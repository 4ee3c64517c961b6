"""Explanations of the lexicon: its own arithmetic."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.classifier import Scores
from nlp.explain.explanation import likeliest_sentiment
from nlp.explain.lexicon_attribution import LexiconAttribution
from nlp.lexicon.lexicon import Lexicon
from nlp.tasks import SENTIMENTS

LEXICON = Lexicon()
PHRASES = (
    "slumps",
    "record",
    "no",
    "sharply",
    "bankruptcy,",
    "avoids",
    "profit",
    "slightly",
    "beats",
    "Acme's",
    "files for",
    "1,000",
    "İstanbul",
    "利润",
)


def log_odds(scores: Scores, label: str) -> float:
    """Return the mean log-odds of ``label`` against the other sentiments."""
    logs = dict(zip(SENTIMENTS, map(log, scores[:3]), strict=True))
    own = logs.pop(label)
    return own - sum(logs.values()) / 2


@pytest.mark.property
@pytest.mark.parametrize("label", SENTIMENTS)
@given(text=st.lists(st.sampled_from(PHRASES), max_size=12).map(" ".join))
def test_the_words_add_up_to_the_answer_for_any_label(label: str, text: str) -> None:
    """A user who asks why a text is not negative would hear why it is something else."""
    scores, empty = LEXICON.classify([text, ""])
    explanation = LexiconAttribution(LEXICON).explain(text, scores, label)
    assert explanation.topic is None
    assert explanation.sentiment is not None
    assert explanation.sentiment.label == label
    difference = log_odds(scores, label) - log_odds(empty, label)
    assert sum(value for _, value in explanation.sentiment.words) == pytest.approx(
        difference, abs=1e-9
    )


@pytest.mark.property
@given(st.lists(st.sampled_from(PHRASES), max_size=12).map(" ".join))
def test_the_words_add_up_to_the_answer(text: str) -> None:
    """An explanation that is called exact would not be exact."""
    scores, empty = LEXICON.classify([text, ""])
    explanation = LexiconAttribution(LEXICON).explain(text, scores)
    sentiment, topic = explanation.sentiment, explanation.topic
    assert sentiment is not None
    difference = log_odds(scores, sentiment.label) - log_odds(empty, sentiment.label)
    assert sum(value for _, value in sentiment.words) == pytest.approx(difference, abs=1e-7)
    assert " ".join(word for word, _ in sentiment.words) == text
    if topic:
        total = sum(value for _, value in topic.words)
        assert total == pytest.approx(-log(1 - scores.topics[topic.label]), abs=1e-7)


def test_a_negation_gets_the_credit_for_the_word_that_it_negates() -> None:
    """A reader would be told that bankruptcy is good news."""
    text = "Acme not bankrupt"
    (scores,) = LEXICON.classify([text])
    assert likeliest_sentiment(scores) == "positive"
    attribution = LexiconAttribution(LEXICON).explain(text, scores).sentiment
    assert attribution is not None
    values = dict(attribution.words)
    assert values["not"] > 0 > values["bankrupt"]
    assert values["Acme"] == 0
