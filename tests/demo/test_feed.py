"""The demo's synthetic feed: its promises about its messages, checked with the real decoder."""

import os
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

from demo.feed.generate import Feed, Sent, generate
from nlp.classifier import Scores
from nlp.load import load
from nlp.settings import ModelSettings
from schemas.article import Article
from schemas.incoming.decode import decode
from schemas.refusal import Refusal

BROKER_LIMIT = 1_048_588
RECORD_OVERHEAD = 100


@cache
def feed() -> Feed:
    """Make the feed of the demo, once."""
    return generate()


def of(kind: str) -> list[Sent]:
    """Pick the messages of one kind."""
    return [sent for sent in feed().sent if sent.kind == kind]


def digest(feed: Feed) -> str:
    """Hash every byte, key and header."""
    return sha256("\n".join(map(repr, feed.sent)).encode()).hexdigest()


def refusal(sent: Sent) -> Refusal | None:
    """Return the reason why the pipeline refuses a message, None if it accepts it."""
    try:
        decode(sent.value, sent.headers)
    except Refusal as error:
        return error
    return None


@cache
def scored(model: str = "lexicon") -> list[tuple[Article, Scores]]:
    """Score every article with ``model``; word lists do where it does not matter."""
    articles = [decode(sent.value, sent.headers) for sent in of("article")]
    texts = [f"{article.headline}. {article.summary or ''}" for article in articles]
    return list(zip(articles, load(ModelSettings(model=model)).classify(texts), strict=True))


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    """A demo could not be repeated, nor a bug report from one reproduced."""
    script = (
        "from hashlib import sha256; from demo.feed.generate import generate;"
        "print(sha256('\\n'.join(map(repr, generate(7, 1_000).sent)).encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}
    printed = subprocess.check_output([sys.executable, "-c", script], env=environment, text=True)
    assert printed.strip() == digest(generate(7, 1_000))


def test_another_seed_gives_another_feed() -> None:
    """The seed would be a placebo."""
    assert digest(generate(7, 1_000)) != digest(generate(8, 1_000))


def test_the_global_random_generator_is_neither_used_nor_moved() -> None:
    """A program that seeds it would change the feed, or have its own numbers changed."""
    random.seed(1)
    before = random.getstate()
    first = digest(generate(7, 1_000))
    assert random.getstate() == before
    random.seed(2)
    assert digest(generate(7, 1_000)) == first


def test_the_account_closes() -> None:
    """The demo's closing account would blame the pipeline for the feed's own mistake."""
    kinds = Counter(sent.kind for sent in feed().sent)
    assert kinds["article"] == feed().unique_articles == 10_000
    assert kinds["copy"] == feed().copies
    assert kinds["malformed"] + kinds["oversized"] == feed().dead
    assert (kinds["malformed"], kinds["oversized"]) == (100, 3)
    assert 400 <= kinds["copy"] <= 600


def test_every_article_and_copy_is_accepted() -> None:
    """Sound articles would end as dead letters."""
    sound = of("article") + of("copy")
    assert [(sent.value, error) for sent in sound if (error := refusal(sent))] == []


def test_every_malformed_message_is_refused_for_one_of_several_reasons() -> None:
    """A dead letter that the account counts on would be scored instead."""
    reasons = Counter(getattr(refusal(sent), "reason", "accepted") for sent in of("malformed"))
    assert set(reasons) == {"undecodable", "invalid", "unsupported_schema"}


def test_oversized_messages_fit_the_broker_and_are_too_large_for_us() -> None:
    """Either the broker would refuse them, and the producer fail, or nobody would."""
    assert [getattr(refusal(sent), "reason", "accepted") for sent in of("oversized")] == [
        "too_large"
    ] * 3
    for sent in of("oversized"):
        assert 1_000_000 < len(sent.value) <= 1_040_000
        assert len(sent.value) + len(sent.key or b"") + RECORD_OVERHEAD < BROKER_LIMIT
        assert decode(sent.value, sent.headers, max_bytes=BROKER_LIMIT).summary


def test_no_two_articles_share_an_identity() -> None:
    """The pipeline would drop news as duplicates and the account would not close."""
    assert len({article.key for article, _ in scored()}) == feed().unique_articles


def test_copies_share_the_identity_of_an_article_sent_before() -> None:
    """A copy would be counted as news."""
    articles: dict[str, Sent] = {}
    for sent in feed().sent:
        if sent.kind == "article":
            articles[decode(sent.value, sent.headers).key] = sent
        elif sent.kind == "copy":
            first = articles[decode(sent.value, sent.headers).key]
            assert sent.published == first.published


def test_some_copies_are_the_same_bytes_and_some_are_not() -> None:
    """Deduplication by bytes would look as good as deduplication by identity."""
    originals = {sent.value for sent in of("article")}
    same = sum(sent.value in originals for sent in of("copy"))
    assert 0.2 * feed().copies < same < 0.6 * feed().copies


def test_copies_come_up_to_a_day_late() -> None:
    """Deduplication over a short window would look sufficient."""
    now, lags = datetime.min.replace(tzinfo=UTC), []
    for sent in feed().sent:
        if sent.kind == "article" and sent.published:
            now = sent.published
        elif sent.kind == "copy" and sent.published:
            lags.append(now - sent.published)
    assert timedelta(hours=12) < max(lags) <= timedelta(days=1)


def test_articles_come_in_event_time_order_with_the_time_they_carry() -> None:
    """A player pacing itself by event time would run backwards or at the wrong moment."""
    times = [sent.published for sent in of("article") if sent.published]
    assert times == sorted(times)
    assert times == [article.published for article, _ in scored()]
    assert {sent.published for sent in of("malformed")} == {None}


def test_the_feed_spans_ten_days_with_quiet_nights_and_weekends() -> None:
    """A detector with a fixed threshold would look as good as ours."""
    per_day = Counter(article.published.date() for article, _ in scored())
    per_hour = Counter(article.published.hour for article, _ in scored())
    weekend = [count for day, count in per_day.items() if day.weekday() >= 5]
    assert len(per_day) == 10
    assert max(weekend) < min(count for day, count in per_day.items() if day.weekday() < 5)
    assert per_hour[14] > 3 * per_hour[2]


def test_messages_come_in_every_accepted_form() -> None:
    """The demo would not show what producers may send."""
    names = Counter(name for sent in of("article") for name, _ in sent.headers)
    values = b"\n".join(sent.value for sent in of("article"))
    assert min(names["idempotency-key"], names["ce_id"]) > 500
    assert values.count(b"datacontenttype") > 500
    assert names["content-type"] > names["ce_id"]
    names_of_fields = b"title headline link url pubDate published published_at summary description"
    for spelling in (*names_of_fields.split(), b"tickers", b"symbols", b"companies"):
        assert values.count(b'"%s":' % spelling) > 500
    assert values.count(b" Mar 2031 ") > 500
    assert values.count(b"&#x27;") + values.count(b"&#37;") > 50


def test_volume_is_heavy_tailed_across_companies() -> None:
    """Every company would be as easy to watch as every other."""
    volume = Counter(ticker for article, _ in scored() for ticker in article.companies)
    ranked = [count for _, count in volume.most_common()]
    assert len(ranked) == 30
    assert ranked[0] > 10 * ranked[-1] > 0


def test_a_fifth_of_the_ordinary_news_is_negative() -> None:
    """Any alarm on bad news would look like a detector of surges."""
    calm = [
        scores.negative > 0.5
        for article, scores in scored()
        if not any(surge.start <= article.published <= surge.end for surge in feed().surges)
    ]
    assert 0.15 < sum(calm) / len(calm) < 0.3


def test_the_generator_is_light_to_import() -> None:
    """``newsquake demo --help`` would wait for torch, or need Kafka's client."""
    script = "import sys, demo.feed.generate; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", script], text=True).split()
    heavy = {"torch", "transformers", "aiokafka", "faust", "numpy", "pydantic", "orjson"}
    assert not heavy & set(loaded)
