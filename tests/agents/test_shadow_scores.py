"""A model in the shadow: written beside the first, and nowhere else."""

from collections.abc import Awaitable, Callable

import orjson

from nlp.ensembles.shadow import Shadow
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier
from schemas.scored import ScoredArticle
from streams.core.record import Message
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]


async def test_its_scores_are_written_beside_the_first(
    log: MemoryLog, run: Run, news: News
) -> None:
    """There would be nothing to judge the new model by."""
    log.append([news(1, headline="Acme files for bankruptcy")])
    await run(log, ["ingest", "score"], classifier=Shadow(NullClassifier(), Lexicon()))
    (record,) = log.read("news.scored")
    scored = ScoredArticle.from_bytes(record.value)
    (shadow,) = Lexicon().classify(["Acme files for bankruptcy"])
    assert (scored.model, scored.sentiment.neutral, scored.topics) == ("null", 1.0, {})
    assert scored.shadow is not None
    assert scored.shadow.model == "lexicon-2"
    assert scored.shadow.sentiment.negative == shadow.negative
    assert scored.shadow.topics == shadow.topics != {}


async def test_its_scores_reach_no_signal(log: MemoryLog, run: Run, news: News) -> None:
    """A model under trial would raise alerts."""
    log.append([news(1, headline="Acme files for bankruptcy")])
    await run(log, ["ingest", "score"], classifier=Shadow(NullClassifier(), Lexicon()))
    (signal,) = [orjson.loads(record.value or b"") for record in log.read("news.signals")]
    assert (signal["subject"], signal["neutral"], signal["model"]) == ("company:ACME", 1.0, "null")
    assert "shadow" not in signal


async def test_without_one_the_record_is_as_before(log: MemoryLog, run: Run, news: News) -> None:
    """Readers that validate against the last release would refuse every article."""
    log.append([news(1)])
    await run(log, ["ingest", "score"], classifier=NullClassifier())
    (record,) = log.read("news.scored")
    assert b"shadow" not in (record.value or b"")
