"""Explanations of the n-grams' part of a score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.explain.ngram_attribution import word_margins
from nlp.transformer.ngrams import BUCKETS, Ngrams

_RANDOM = np.random.default_rng(1)
NGRAMS = Ngrams(
    idf=_RANDOM.uniform(1, 5, BUCKETS).astype(np.float32),
    weights=_RANDOM.integers(-127, 127, (BUCKETS, 4)).astype(np.int8),
    scale=np.array([0.1, 0.2, 0.3, 0.4], np.float32),
    bias=np.array([1.0, -1.0, 0.5, 0.0], np.float32),
)


@pytest.mark.property
@given(st.text(alphabet="ab aB5%-.,é利 ", max_size=40))
def test_the_ngrams_shares_add_up_to_the_margins(text: str) -> None:
    """A part of the score would be explained by no word, or counted twice."""
    expected = NGRAMS.margins([text])[0] - NGRAMS.bias
    total = sum((word.margins for word in word_margins(NGRAMS, text)), np.zeros(4))
    assert total == pytest.approx(expected, abs=1e-3)
