"""Articles in a language that no model reads: marked, counted, remembered, and in no signal."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from agents.score import Score
from agents.scoring.deduplicate import DedupeSettings
from agents.scoring.unread import UnreadLog
from nlp.load import load
from nlp.settings import ModelSettings
from schemas.channels import SCORED, SIGNALS
from schemas.metrics import processing as metrics
from schemas.metrics.processing import Sample
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.handler import Batch
from streams.core.record import Message
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
GERMAN = "Nordbau senkt Prognose nach schwachem Quartal"
CHINESE = "海恒股份因財務造假遭退市"
ENGLISH = "Acme files for bankruptcy"
LEXICON = ModelSettings(model="lexicon")


async def scored(log: MemoryLog, run: Run, **settings: Any) -> dict[str, ScoredArticle]:
    """Score what is in the log; return the articles by headline."""
    await run(log, ["ingest", "score"], classifier=load(ModelSettings(model="lexicon", **settings)))
    articles = [ScoredArticle.from_bytes(record.value) for record in log.read("news.scored")]
    return {article.article.headline: article for article in articles}


def signals(log: MemoryLog) -> list[Signal]:
    """Return the signals so far."""
    return [Signal.from_bytes(record.value) for record in log.read("news.signals")]


async def test_an_unread_article_says_so_and_gives_no_signal(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A neutral guess about news that nobody understood would count as good news of a company."""
    log.append([news(1, headline=GERMAN)])
    article = (await scored(log, run))[GERMAN]
    assert (article.unread, article.language, article.model) == (True, "de", "unread")
    assert (article.sentiment.neutral, article.topics, article.subjects) == (1.0, {}, ())
    assert signals(log) == []
    assert log.read("news.dead") == []


async def test_chinese_news_counts_for_its_company_under_the_model_that_read_it(
    log: MemoryLog, run: Run, news: News
) -> None:
    """News from China would be neutral, or say that the English model had read it."""
    log.append([news(1, headline=CHINESE)])
    article = (await scored(log, run))[CHINESE]
    assert (article.unread, article.language, article.model) == (False, "zh", "lexicon-zh-1")
    assert article.sentiment.negative > 0.9
    company = next(signal for signal in signals(log) if signal.subject == "company:ACME")
    assert (company.model, company.negative) == ("lexicon-zh-1", article.sentiment.negative)


async def test_the_declared_language_is_believed(log: MemoryLog, run: Run, news: News) -> None:
    """A feed's own word would count less than a guess about five words."""
    log.append([news(1, headline="Acme rutscht ab", language="German")])
    article = (await scored(log, run))["Acme rutscht ab"]
    assert (article.unread, article.language) == (True, "de")


async def test_an_english_article_is_written_as_before(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Readers that validate against the last release would refuse every article."""
    log.append([news(1, headline=ENGLISH, language="en-US")])
    await scored(log, run)
    (record,) = log.read("news.scored")
    assert b'"unread"' not in (record.value or b"")
    assert b'"language"' not in (record.value or b"").replace(b'"language":"en-us"', b"")
    assert {signal.model for signal in signals(log)} == {"lexicon-2"}


async def test_copies_of_an_unread_article_are_copies(log: MemoryLog, run: Run, news: News) -> None:
    """Every poll of a German feed would write its articles anew, and count them again."""
    log.append([news(1, headline=GERMAN), news(1, headline=GERMAN)])
    await scored(log, run)
    for views in range(3):
        log.append([news(1, headline=GERMAN, views=views, tickers=["ACME", f"A{views}"])])
        await scored(log, run)
    assert len(log.read("news.scored")) == 1


async def test_a_correction_to_a_language_that_is_read_counts(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A translated article would stay unread for a week."""
    log.append([news(1, headline=GERMAN)])
    await scored(log, run)
    log.append([news(1, headline=ENGLISH)])
    article = (await scored(log, run))[ENGLISH]
    assert (article.revision, article.unread) == ("correction", False)
    assert "company:ACME" in article.subjects
    assert "company:ACME" in {signal.subject for signal in signals(log)}


async def decide(log: MemoryLog, run: Run) -> list[Sample]:
    """Return the samples of what `score` decides about all accepted articles."""
    await run(log, ["ingest"])
    score = Score(SCORED.topic, SIGNALS.topic, load(LEXICON), DedupeSettings())
    records = log.read("news.accepted")
    batches = [
        Batch(
            partition,
            [record for record in records if record.partition == partition],
            score.recall(partition, ()),
            0,
        )
        for partition in range(log.partitions)
    ]
    decisions = await score.handle(batches)
    return [sample for decision in decisions for sample in decision.samples]


async def test_unread_articles_are_counted_by_language(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Nobody would know that a third of the news counts for nothing, or in which language it is."""
    headlines = [GERMAN, "Le bénéfice net bondit de 30 % au trimestre", GERMAN + " erneut", ENGLISH]
    log.append([news(n, headline=headline) for n, headline in enumerate(headlines)])
    log.append([news(9, headline="Zo zo", language="sw")])
    counts: Counter[str] = Counter()
    for sample in await decide(log, run):
        if sample.metric is metrics.UNREAD:
            counts[sample.labels[0]] += round(sample.value)
    assert counts == {"de": 2, "fr": 1, "other": 1}


async def test_the_log_names_the_remedy(log: MemoryLog, run: Run, news: News) -> None:
    """An operator would look for the missing alerts and find no word about them."""
    log.append([news(1, headline=GERMAN)])
    with capture_logs() as lines:
        await decide(log, run)
    (line,) = [line for line in lines if line["event"] == "articles unread"]
    assert line["languages"] == {"de": 1}
    assert "nlp.languages.de" in line["remedy"]


def test_the_log_is_told_once_a_minute_and_loses_no_count() -> None:
    """A German feed would fill the disk with one line for each article."""
    unread = UnreadLog()
    with capture_logs() as lines:
        for second in range(180):
            unread.log([Sample(metrics.UNREAD, 2, ("de",))], now=second * 1_000)
    assert [line["languages"]["de"] for line in lines] == [2, 120, 120]


@pytest.mark.parametrize("language", ["en", None])
async def test_a_better_declaration_of_the_same_text_is_read_anew(
    log: MemoryLog, run: Run, news: News, language: str | None
) -> None:
    """A row that names the wrong language would keep the article unread for all others."""
    classifier = load(LEXICON)
    log.append([news(1, headline=ENGLISH, language="de")])
    fields = {"language": language} if language else {}
    log.append([news(1, headline=ENGLISH, tickers=["ACME", "EMCA"], **fields)])
    await run(log, ["ingest", "score"], classifier=classifier)
    first, second = (ScoredArticle.from_bytes(record.value) for record in log.read("news.scored"))
    assert (first.unread, second.unread) == (True, False)
    assert "company:EMCA" in second.subjects
