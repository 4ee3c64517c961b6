"""The lexicon's explanations are its arithmetic."""

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
SAYS = (
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


def odds(scores: Scores, label: str) -> float:
    """The mean log-odds of ``label`` against the others."""
    three = dict(zip(SENTIMENTS, map(log, scores[:3]), strict=True))
    own = three.pop(label)
    return own - sum(three.values()) / 2


@pytest.mark.property
@given(st.lists(st.sampled_from(SAYS), max_size=12).map(" ".join))
def test_the_words_add_up_to_the_answer(text: str) -> None:
    """An explanation that is called exact would not be."""
    scores, nothing = LEXICON.classify([text, ""])
    explained = LexiconAttribution(LEXICON).explain(text, scores)
    part = explained.sentiment
    assert part is not None
    difference = odds(scores, part.label) - odds(nothing, part.label)
    assert sum(value for _, value in part.words) == pytest.approx(difference, abs=1e-9)
    assert " ".join(word for word, _ in part.words) == text
    if explained.topic:
        sure = sum(value for _, value in explained.topic.words)
        assert sure == pytest.approx(-log(1 - scores.topics[explained.topic.label]), abs=1e-9)


def test_a_negation_gets_the_credit_for_what_it_turns() -> None:
    """A reader would be told that bankruptcy is good news."""
    text = "Acme not bankrupt"
    (scores,) = LEXICON.classify([text])
    assert likeliest_sentiment(scores) == "positive"
    part = LexiconAttribution(LEXICON).explain(text, scores).sentiment
    assert part is not None
    values = dict(part.words)
    assert values["not"] > 0 > values["bankrupt"]
    assert values["Acme"] == 0
