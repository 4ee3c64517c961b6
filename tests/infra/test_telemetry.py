"""Traces in a pipeline in memory: which spans there are, and what is written."""

import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from infra.settings.telemetry import Telemetry
from infra.telemetry.header_traces import HeaderTraces
from infra.telemetry.spans import SpanTracing, context_of, traceparent
from infra.telemetry.tracing import span_tracing
from streams.core.handler import Decision
from streams.core.record import Message, Record, Stored

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SENT = f"00-{TRACE}-00f067aa0ba902b7-01".encode()
NOT_SAMPLED = f"00-{TRACE}-00f067aa0ba902b7-00".encode()


def record(trace: bytes = SENT, offset: int = 0) -> Record:
    """Return a record of an article."""
    return Stored("news.raw", 0, offset, 1_700_000_000_000, b"k", b"{}", [("traceparent", trace)])


def tracing(share: float = 1.0) -> tuple[SpanTracing, InMemorySpanExporter]:
    """Return traces, and where their spans go."""
    exporter = InMemorySpanExporter()
    return SpanTracing([SimpleSpanProcessor(exporter)], share, "1"), exporter


def followed(records: Sequence[Record], decision: Decision, *, committed: bool) -> list[str]:
    """Return the names of the spans of a decision."""
    traces, exporter = tracing()
    end = traces.follow("ingest", records, decision, 0.1).end
    if committed and end:
        end()
    return [span.name for span in exporter.get_finished_spans()]


def test_a_message_goes_on_from_the_span_of_its_record() -> None:
    """Spans of later stages would all hang from the first, and none show what it waited for."""
    decision = Decision([Message("news.accepted", b"k", b"{}", [("traceparent", SENT)])])
    assert followed([record()], decision, committed=True) == ["process news.raw"]
    ((_, value),) = decision.messages[0].headers
    assert value.startswith(f"00-{TRACE}-".encode())
    assert value != SENT


def test_what_is_not_committed_has_no_span() -> None:
    """Work that is repeated after a crash would be seen twice."""
    assert followed([record()], Decision(), committed=False) == []


@pytest.mark.parametrize("trace", [NOT_SAMPLED, b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01"])
def test_a_trace_that_is_not_sampled_costs_no_span_and_goes_on_as_it_is(trace: bytes) -> None:
    """A producer's decision would be overruled, and its traces torn."""
    headers = [("traceparent", trace)]
    decision = Decision([Message("news.accepted", b"k", b"{}", headers)])
    assert followed([record(trace)], decision, committed=True) == []
    assert decision.messages[0].headers == headers


def test_articles_of_one_batch_have_a_span_each_and_one_together() -> None:
    """One trace would have the work of a thousand articles."""
    others = [record(f"00-{n:032x}-00f067aa0ba902b7-01".encode(), n) for n in range(1, 300)]
    traces, exporter = tracing()
    end = traces.follow("score", others, Decision(), 0.1).end
    assert end is not None
    end()
    *articles, batch = exporter.get_finished_spans()
    assert (len(articles), batch.name, len(batch.links)) == (299, "score batch", 128)
    assert {span.links[0].context.span_id for span in articles} == {batch.context.span_id}


def test_a_share_of_traces_is_begun() -> None:
    """A collector would be flooded, or see nothing."""
    traces, exporter = tracing(share=0.0)
    assert traces.begin(record()) == b""
    assert traces.start("send news.raw", []).traceparent.endswith(b"-00")
    assert exporter.get_finished_spans() == ()
    traces, exporter = tracing(share=1.0)
    assert context_of(traces.begin(record())) is not None
    (span,) = exporter.get_finished_spans()
    assert span.start_time == 1_700_000_000_000 * 1_000_000


def test_a_value_is_read_as_it_was_written() -> None:
    """A trace would be torn at each stage."""
    context = context_of(SENT)
    assert context is not None
    assert traceparent(context) == SENT


def test_without_a_collector_the_log_has_the_ids_that_came() -> None:
    """A producer's trace could not be found in the log."""
    decision = Decision([Message("news.accepted", b"k", b"{}", [("traceparent", SENT)])])
    result = HeaderTraces().follow("ingest", [record(), record(b"odd", 1)], decision, 0.0)
    assert result == ((TRACE,), None)
    assert decision.messages[0].headers == [("traceparent", SENT)]


def test_a_collector_that_is_away_costs_seconds_and_one_line() -> None:
    """A worker would not end, or end with a failure, because nobody takes its traces."""

    def warnings() -> list[str]:
        return [line["event"] for line in lines if line["log_level"] == "warning"]

    with capture_logs() as lines, span_tracing(Telemetry(endpoint="http://127.0.0.1:9")) as traces:
        for _ in range(2):
            traces.start("send news.raw", []).end("")
            end = time.monotonic() + 20.0
            while not warnings() and time.monotonic() < end:
                time.sleep(0.1)
        begin = time.monotonic()
    assert time.monotonic() - begin < 10.0
    assert warnings() == ["the collector takes no traces: spans are dropped"]


def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    """Every worker would pay for traces that nobody asked for, and need the extra to start."""
    code = (
        "import sys, cli.worker, cli.publish, infra.notifying.courier\n"
        "from infra.settings.model import Settings\n"
        "from infra.telemetry.tracing import tracing_of\n"
        "with tracing_of(Settings()) as tracing: assert tracing is None\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
