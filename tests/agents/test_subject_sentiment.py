"""Sentiment towards each company of a text that names several."""

from collections.abc import Awaitable, Callable, Sequence

import orjson
import pytest

from agents.score import Score
from agents.scoring.deduplicate import DedupeSettings, SeenKeys
from nlp.classifier import ModelBusy, Question, Scores
from nlp.companies.company_list import listed_company
from nlp.companies.finder import CompanyFinder
from nlp.ensembles.shadow import Shadow
from nlp.languages.router import LanguageRouter
from nlp.lexicon.chinese import ChineseLexicon
from nlp.lexicon.lexicon import Lexicon
from schemas.channels import SCORED, SIGNALS
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.handler import Batch
from streams.core.record import Message
from streams.testing.memory_log import MemoryLog
from tests.asked_model import AskedModel

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]

BOTH = "Markets climb on aid hopes; Acme sinks; Emca soars"
ALONE = "Acme sinks after a fire"
NAMES = {"Acme": "ACM", "Emca": "EMC", "Poison": "PSN"}
FINDER = CompanyFinder([listed_company(name, ticker, []) for name, ticker in NAMES.items()])


async def score(log: MemoryLog, run: Run, model: object) -> None:
    """Run the pipeline up to `score` with a finder of the companies."""
    await run(log, ["ingest", "score"], classifier=model, companies=FINDER)


def signals(log: MemoryLog) -> dict[str, Signal]:
    """Return the signals by subject."""
    records = [Signal.from_bytes(record.value) for record in log.read("news.signals")]
    return {signal.subject: signal for signal in records}


def articles(log: MemoryLog) -> list[ScoredArticle]:
    """Return the scored articles."""
    return [ScoredArticle.from_bytes(record.value) for record in log.read("news.scored")]


async def test_each_company_gets_what_the_text_says_about_it(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Good news of one company would alert for another that stands in the same headline."""
    log.append([news(1, headline=BOTH, tickers=[])])
    model = AskedModel()
    await score(log, run, model)
    by_subject = signals(log)
    company = {name: by_subject[f"company:{name}"] for name in ("ACM", "EMC")}
    assert (company["ACM"].negative, company["ACM"].severity) == (0.875, 2.5)
    assert (company["EMC"].negative, company["EMC"].positive) == (0.0, 0.75)
    assert company["EMC"].severity == 0.0
    topic = by_subject["topic:earnings"]
    assert (topic.negative, topic.severity) == (0.875, 2.5)
    assert {signal.headline for signal in by_subject.values()} == {BOTH}
    assert model.asked == [[Question(BOTH, "Acme"), Question(BOTH, "Emca")]]


async def test_the_scored_article_has_both_the_texts_and_the_subjects_sentiment(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A consumer could not tell the text's sentiment from that about a company."""
    log.append([news(1, headline=BOTH, tickers=[])])
    await score(log, run, AskedModel())
    (article,) = articles(log)
    assert (article.sentiment.negative, article.severity) == (0.875, 2.5)
    assert article.subject_sentiments is not None
    about = {name: answer.positive for name, answer in article.subject_sentiments.items()}
    assert about == {"company:ACM": 0.0, "company:EMC": 0.75}
    assert article.subject_sentiments["company:ACM"].severity == 2.5


async def test_nothing_is_asked_about_fewer_companies(log: MemoryLog, run: Run, news: News) -> None:
    """Every article would cost a second call of the model, and score at half the pace."""
    log.append([news(1, headline=ALONE, tickers=[]), news(2, headline=ALONE, tickers=["GVN"])])
    log.append([news(3, headline="Markets sinks", tickers=["GVN", "ACM"])])
    model = AskedModel()
    await score(log, run, model)
    assert model.asked == []
    assert {signal.negative for signal in signals(log).values()} == {0.875}
    assert {signal.severity for signal in signals(log).values()} == {2.5}
    assert b"subject_sentiments" not in b"".join(
        record.value or b"" for record in log.read("news.scored")
    )


async def test_a_model_without_severity_writes_records_as_before(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Readers that validate against the last release would refuse every record."""
    log.append([news(1, headline=BOTH, tickers=[])])
    await score(log, run, Lexicon())
    for topic in ("news.scored", "news.signals"):
        for record in log.read(topic):
            assert not {"severity", "subject_sentiments"} & set(orjson.loads(record.value or b""))
    assert len({signal.negative for signal in signals(log).values()}) == 1


async def test_a_question_that_the_model_fails_on_sets_its_article_aside_and_no_other(
    log: MemoryLog, run: Run, news: News
) -> None:
    """One headline would end the worker, or take its neighbours' sentiments with it."""
    log.append([news(1, headline=BOTH, tickers=[])])
    log.append([news(2, headline="Acme soars; Poison sinks", tickers=[])])
    log.append([news(3, headline="Emca sinks; Acme soars", tickers=[])])
    await score(log, run, AskedModel())
    (dead,) = log.read("news.dead")
    assert b"Poison" in (dead.value or b"")
    assert dict(dead.headers)["newsquake.reason"] == b"model"
    assert {article.article.headline for article in articles(log)} == {
        BOTH,
        "Emca sinks; Acme soars",
    }


class Busy(AskedModel):
    """A model that is busy when it is first asked about a company."""

    def classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        answers = super().classify_about(questions)
        if len(self.asked) == 1:
            raise ModelBusy("later")
        return answers


async def test_a_busy_model_is_asked_again(log: MemoryLog, run: Run, news: News) -> None:
    """An overloaded model server would end the worker at the first question."""
    log.append([news(1, headline=BOTH, tickers=[])])
    await score(log, run, Busy())
    assert signals(log)["company:EMC"].positive == 0.75


async def test_a_revision_asks_about_further_companies_only(
    log: MemoryLog, run: Run, news: News
) -> None:
    """A feed with a row for each ticker would ask the same question once for each row."""
    log.append([news(1, headline=BOTH, tickers=["ACM"])])
    log.append([news(1, headline=BOTH, tickers=["EMC", "GVN"])])
    model = AskedModel()
    await score(log, run, model)
    first, second = articles(log)
    assert first.subjects == ("company:ACM", "company:EMC", "topic:earnings")
    assert (second.subjects, second.revision) == (("company:GVN",), "companies")
    assert second.subject_sentiments is None
    assert sum(map(len, model.asked)) == 2


@pytest.mark.parametrize("ahead", [True, False])
async def test_questions_are_prefetched_with_their_texts(
    log: MemoryLog, run: Run, news: News, ahead: bool
) -> None:
    """The model would idle while articles are committed, or other scores come out of it."""
    log.append([news(1, headline=BOTH, tickers=[])._replace(partition=0)])
    await run(log, ["ingest"])
    model = AskedModel()
    handler = Score(SCORED.topic, SIGNALS.topic, model, DedupeSettings(), FINDER)
    records = log.read("news.accepted")
    batch = Batch(records[0].partition, records, SeenKeys(DedupeSettings()), 0)
    if ahead:
        handler.prefetch([batch])
    (decision,) = await handler.handle([batch])
    values = [message.value for message in decision.messages if message.topic == SIGNALS.topic]
    about = {signal.subject: signal.negative for signal in map(Signal.from_bytes, values)}
    assert about == {"company:ACM": 0.875, "company:EMC": 0.0, "topic:earnings": 0.875}
    assert (len(model.read), len(model.asked)) == (1, 1)


async def test_a_model_of_another_language_that_cannot_be_asked_is_not(
    log: MemoryLog, run: Run, news: News
) -> None:
    """The text's sentiment would pass for an answer about each company."""
    chinese = "Acme 宣布破产 Emca 大涨"
    log.append([news(1, headline=chinese, tickers=[]), news(2, headline=BOTH, tickers=[])])
    log.append([news(3, headline="Acme sinkt; Emca steigt", language="de", tickers=[])])
    await score(log, run, LanguageRouter(AskedModel(), "en", {"zh": ChineseLexicon()}))
    by_headline = {article.article.headline: article for article in articles(log)}
    assert {"company:ACM", "company:EMC"} <= set(by_headline[chinese].subjects)
    asked = {headline: article.subject_sentiments for headline, article in by_headline.items()}
    assert {headline: bool(answers) for headline, answers in asked.items()} == {
        chinese: False,
        BOTH: True,
        "Acme sinkt; Emca steigt": False,
    }


async def test_the_shadow_is_compared_by_texts(log: MemoryLog, run: Run, news: News) -> None:
    """A model under trial would be asked twice as much as it is judged by."""
    log.append([news(1, headline=BOTH, tickers=[])])
    second = AskedModel("asked-2")
    await score(log, run, Shadow(AskedModel(), second))
    (article,) = articles(log)
    assert article.shadow is not None
    assert article.subject_sentiments is not None
    assert (second.read, second.asked) == ([[BOTH]], [])
