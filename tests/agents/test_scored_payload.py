"""What `score` writes, byte for byte."""

from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from nlp.classifier import Scores
from nlp.null import NullClassifier
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.record import Message
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]


class InNumPy(NullClassifier):
    """A fake model whose numbers are NumPy's, as those of many libraries are."""

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        quarter, half = np.float32(0.25), np.float32(0.5)
        scores = Scores(quarter, quarter, half, {"earnings": np.float32(0.75)})  # type: ignore[arg-type, dict-item]
        return [scores] * len(texts)


async def test_what_is_written_is_whole_and_of_plain_numbers(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A model that answers in NumPy's numbers, or a forgotten field, would stop the worker."""
    log.append([news(1, tickers=["ACME", "EMCA"])])
    await run(log, ["ingest", "score"], classifier=InNumPy())
    (article,) = log.read("news.scored")
    signals = log.read("news.signals")
    assert len(signals) == 3
    assert ScoredArticle.from_bytes(article.value).to_bytes() == article.value
    for record in signals:
        signal = Signal.from_bytes(record.value)
        assert signal.to_bytes() == record.value
        assert signal.negative == 0.25
