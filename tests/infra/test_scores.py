"""The cache of scores on disk."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from nlp.classifier import ModelError, Scores
from nlp.score_cache import FILE, ScoreCache


class Counting:
    """A model that records the texts it classifies, and refuses one text."""

    def __init__(self, model_id: str = "counting-1") -> None:
        self.model_id = model_id
        self.asked: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        if "poison" in texts:
            raise ModelError("poison")
        self.asked += texts
        return [Scores(len(text) / 100, 0.5, 0.25, {"macro": 0.75}, ("macro",)) for text in texts]


def test_a_text_is_read_once_by_each_model(tmp_path: Path) -> None:
    """Scores of one model are given for another's, or a text is read again and again."""
    first, other = Counting(), Counting("counting-2")
    for model in (first, first, other):
        with ScoreCache.opened(model, tmp_path) as cache:
            scores = cache.classify(["a", "bb", "a"])
        assert scores == Counting().classify(["a", "bb", "a"])
    assert (first.asked, other.asked) == (["a", "bb"], ["a", "bb"])


def test_a_batch_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """A text that the model fails on is kept as if it had been scored."""
    model = Counting()
    with ScoreCache.opened(model, tmp_path) as cache:
        with pytest.raises(ModelError):
            cache.classify(["a", "poison"])
        cache.classify(["a"])
    assert model.asked == ["a"]


def test_texts_are_not_kept(tmp_path: Path) -> None:
    """A cache of other people's articles lies about in a home directory."""
    with ScoreCache.opened(Counting(), tmp_path) as cache:
        cache.classify(["Acme warns on profit"])
    assert b"warns" not in (tmp_path / FILE).read_bytes()


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    """A half-written file is a traceback, and nobody knows which file."""
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)
    with (
        pytest.raises(OSError, match=r"scores-2\.sqlite: .*may be removed"),
        ScoreCache.opened(Counting(), tmp_path),
    ):
        pass
