"""Traces over a real broker, taken by a collector over HTTP."""

import pytest

from tests.observability.collector import Span
from tests.observability.conftest import HTTP_TRACE, Pipeline, until

pytestmark = [pytest.mark.kafka, pytest.mark.prometheus]

WAY = [
    ("send", "news.raw"), ("process", "news.raw"), ("process", "news.accepted"),
    ("process", "news.signals"), ("send", "alerts"), ("deliver", "desk"),
]  # fmt: skip


def short(span: Span) -> tuple[str, str]:
    """Return a span's verb, and the topic without the prefix of this test."""
    verb, _, rest = span.name.partition(" ")
    return verb, rest.split(".", 1)[1] if rest.startswith("test-") else rest


def way_to(span: Span, spans: list[Span]) -> list[Span]:
    """Return the spans that led to ``span``, from the first on."""
    by_id = {other.id: other for other in spans}
    way = [span]
    while way[0].parent in by_id:
        way.insert(0, by_id[way[0].parent])
    return way


def test_one_trace_leads_from_publishing_an_article_to_telling_of_the_alert(
    pipeline: Pipeline,
) -> None:
    """Nobody could say where the minutes between an article and its alert went."""
    _, trace, parent, flags = pipeline.delivered[0].headers["traceparent"].split("-")
    assert flags == "01"
    until(lambda: parent in {span.id for span in pipeline.spans()}, "the delivery has no span")
    spans = pipeline.spans()
    (delivery,) = [span for span in spans if span.id == parent]
    way = way_to(delivery, spans)
    assert [short(span) for span in way] == WAY
    assert {span.trace for span in way} == {trace}
    assert way[0].parent == ""
    assert not any(span.error for span in way)
    (alert,) = [span for span in way if short(span) == ("send", "alerts")]
    assert set(alert.links) - {alert.trace}, "an alert has more than one article"


def test_a_batch_links_to_the_traces_of_its_articles(pipeline: Pipeline) -> None:
    """A slow batch could not be found from an article that was in it."""
    spans = pipeline.spans()
    batches = [span for span in spans if span.name == "score batch"]
    linked = {link for batch in batches for link in batch.links}
    articles = [span for span in spans if short(span) == ("process", "news.accepted")]
    assert batches
    assert linked <= {span.trace for span in articles}
    in_batch = [span for span in articles if span.links]
    assert {link for span in in_batch for link in span.links} <= {batch.trace for batch in batches}
    assert len(in_batch) > len(articles) / 2


def test_a_record_that_is_set_aside_ends_its_trace_with_an_error(pipeline: Pipeline) -> None:
    """A trace that ends in the middle would look like a lost article."""
    names = [short(span) for span in pipeline.spans() if span.error]
    assert set(names) == {("process", "news.raw")}


def test_a_request_over_http_goes_on_with_its_trace(pipeline: Pipeline) -> None:
    """A caller's trace would end at the door."""
    until(
        lambda: len([span for span in pipeline.spans() if span.trace == HTTP_TRACE]) >= 3,
        "the trace of the request ends",
    )
    way = [short(span) for span in pipeline.spans() if span.trace == HTTP_TRACE]
    assert {("send", "news.raw"), ("process", "news.accepted")} <= set(way)


def test_the_log_has_a_line_for_each_transaction_with_its_traces(pipeline: Pipeline) -> None:
    """Whoever has a trace could not find what the worker did with it, nor the other way round."""
    trace = pipeline.delivered[0].headers["traceparent"].split("-")[1]
    lines = pipeline.lines("transaction")
    assert {line["agent"] for line in lines} == {"ingest", "score", "detect", "notify"}
    assert {line["outcome"] for line in lines} == {"committed"}
    (told,) = [line for line in lines if line["agent"] == "notify" and trace in line["trace_ids"]]
    assert told["topic"].endswith("alerts")
    read = sum(line["records_in"] for line in lines if line["agent"] == "ingest")
    metric = 'newsquake_records_in_total{agent="ingest"}'
    (sample,) = pipeline.prometheus.query(metric)
    assert read == int(sample["value"][1])
