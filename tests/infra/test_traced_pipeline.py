"""The trace of an alert through all agents, over the log in memory."""

from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agents.cluster_layout import DOMAIN, ClusterLayout
from agents.pipeline import USUAL, build_stages
from infra.telemetry.spans import SpanTracing
from infra.telemetry.tracing import with_tracing
from nlp.lexicon.lexicon import Lexicon
from schemas.alert import Alert
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.observability import feed


async def test_an_alert_goes_on_with_the_trace_of_its_first_headline() -> None:
    """Nobody could say by which articles, and which stages, an alert came about."""
    exporter = InMemorySpanExporter()
    tracing = SpanTracing([SimpleSpanProcessor(exporter)], 1.0, "test")
    log = MemoryLog(partitions=1, counts=dict.fromkeys(DOMAIN, 1))
    log.append(
        [Message("news.raw", None, feed.encode(row)) for row in (*feed.quiet(), *feed.storm())]
    )
    stages = build_stages(USUAL, cluster=ClusterLayout(partitions=1), classifier=Lexicon())
    for stage in with_tracing(stages, tracing):
        await drain(log, stage)

    record = next(
        record
        for record in log.read("alerts")
        if Alert.from_bytes(record.value or b"").subject == "company:ACME"
    )
    spans = {f"{span.context.span_id:016x}": span for span in exporter.get_finished_spans()}
    (value,) = [value for name, value in record.headers if name == "traceparent"]
    way = [spans[value.decode().split("-")[2]]]
    while (parent := way[0].parent) is not None:
        way.insert(0, spans[f"{parent.span_id:016x}"])
    assert [span.name for span in way] == [
        "receive news.raw", "send news.accepted", "process news.accepted",
        "process news.signals", "send alerts",
    ]  # fmt: skip
    assert len({span.context.trace_id for span in way}) == 1
    headlines = Alert.from_bytes(record.value or b"").headlines
    assert len(way[-1].links) == len({headline.key for headline in headlines}) - 1
