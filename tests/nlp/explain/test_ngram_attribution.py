"""Words as readers see them, and what their pieces say together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.explain.ngram_attribution import word_margins
from nlp.transformer.ngrams import BUCKETS, Ngrams

_DICE = np.random.default_rng(1)
NGRAMS = Ngrams(
    idf=_DICE.uniform(1, 5, BUCKETS).astype(np.float32),
    weights=_DICE.integers(-127, 127, (BUCKETS, 4)).astype(np.int8),
    scale=np.array([0.1, 0.2, 0.3, 0.4], np.float32),
    bias=np.array([1.0, -1.0, 0.5, 0.0], np.float32),
)


@pytest.mark.property
@given(st.text(alphabet="ab aB5%-.,é利 ", max_size=40))
def test_the_ngrams_shares_add_up_to_the_margins(text: str) -> None:
    """A part of the answer would have no reason, or be counted twice."""
    whole = NGRAMS.margins([text])[0] - NGRAMS.bias
    found = sum((part.margins for part in word_margins(NGRAMS, text)), np.zeros(4))
    assert found == pytest.approx(whole, abs=1e-3)
