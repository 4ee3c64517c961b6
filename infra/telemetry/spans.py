"""Traces by OpenTelemetry: a span for each article and stage, from sending it to its alert.

Names and attributes follow OpenTelemetry's semantic conventions for messaging. A batch has several
articles and so no single parent: it has a span of its own, with a link to each article's trace, and
these have a link to it. A span is exported once what it stands for is committed.
"""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from infra.telemetry.header_traces import trace_ids
from schemas.incoming import cloudevents
from streams.core.handler import Decision
from streams.core.record import Headers, Message, Record
from streams.monitoring.tracing import Followed, Sending, with_trace

if TYPE_CHECKING:
    from opentelemetry.util.types import AnyValue

MAX_LINKS: Final = 128
"""Links of a span: the limit of OpenTelemetry's specification."""
_MILLISECONDS: Final = 1_000_000
_SECONDS: Final = 1_000_000_000

Spans = dict[bytes, Span]
"""Spans by the `traceparent` that led to each."""


class SpanTracing:
    """Makes spans. See `streams.monitoring.tracing.Tracing`."""

    def __init__(self, processors: Sequence[SpanProcessor], share: float, version: str) -> None:
        """Store who gets the spans; a ``share`` of traces that begin here is sampled."""
        sampled = _provider(processors, ParentBased(TraceIdRatioBased(share)))
        always = _provider(processors, ALWAYS_ON)
        self._tracer = sampled.get_tracer("newsquake", version)
        self._batches = always.get_tracer("newsquake", version)

    def begin(self, record: Record) -> bytes:
        """Begin a trace with the time that ``record`` has been in its topic."""
        since = record.timestamp * _MILLISECONDS if record.timestamp > 0 else time.time_ns()
        span = self._tracer.start_span(
            f"receive {record.topic}",
            Context(),
            SpanKind.CONSUMER,
            _place(record),
            start_time=min(since, time.time_ns()),
        )
        span.end()
        return traceparent(span.get_span_context()) if _is_sampled(span) else b""

    def follow(
        self, stage: str, records: Sequence[Record], decision: Decision, seconds: float
    ) -> Followed:
        """Make a span for each trace of the records, and for each that a message goes on."""
        begin = time.time_ns() - round(seconds * _SECONDS)
        firsts: dict[bytes, Record] = {}
        for record in records:
            for _, value in cloudevents.trace(record.headers):
                firsts.setdefault(value, record)
        parents = {value: context for value in firsts if (context := sampled_context(value))}
        batch = self._batch(stage, list(parents.values()), len(records), begin)
        links = [Link(batch.get_span_context())] if batch else []
        spans: Spans = {
            value: self._tracer.start_span(
                f"process {firsts[value].topic}",
                _within(context),
                SpanKind.CONSUMER,
                {"newsquake.agent": stage, **_place(firsts[value])},
                links,
                begin,
            )
            for value, context in parents.items()
        }
        for rejection in decision.rejections:
            for _, value in cloudevents.trace(rejection.record.headers):
                if span := spans.get(value):
                    span.set_status(Status(StatusCode.ERROR, f"set aside: {rejection.reason}"))
        later: list[Span] = []
        decision.messages = [
            self._forward(stage, message, decision.links, spans, later)
            for message in decision.messages
        ]
        started = [*spans.values(), *later, *([batch] if batch else [])]

        def end() -> None:
            for span in started:
                span.end()

        return Followed(trace_ids(records), end if started else None)

    def start(self, name: str, origins: Sequence[Headers]) -> Sending:
        """Begin a span within the first trace of ``origins``, or in the caller's, or a new one."""
        found = [value for headers in origins for _, value in cloudevents.trace(headers)]
        contexts = [context for value in found if (context := context_of(value))]
        parent = contexts[0] if contexts else get_current_span().get_span_context()
        span = self._tracer.start_span(
            name,
            _within(parent) if parent.is_valid else Context(),
            SpanKind.PRODUCER,
            links=[Link(context) for context in contexts[1 : MAX_LINKS + 1]],
        )

        def end(problem: str) -> None:
            if problem:
                span.set_status(Status(StatusCode.ERROR, problem))
            span.end()

        return Sending(traceparent(span.get_span_context()), end)

    def _batch(
        self, stage: str, parents: Sequence[SpanContext], records: int, begin: int
    ) -> Span | None:
        """Begin the span of a batch of several traces."""
        if len(parents) < 2:  # noqa: PLR2004 - one has a parent
            return None
        links = [Link(context) for context in parents[:MAX_LINKS]]
        attributes: dict[str, AnyValue] = {
            "newsquake.agent": stage,
            "messaging.batch.message_count": records,
        }
        return self._batches.start_span(
            f"{stage} batch", Context(), SpanKind.CONSUMER, attributes, links, begin
        )

    def _forward(
        self,
        stage: str,
        message: Message,
        links: Mapping[bytes, Sequence[bytes]],
        spans: Spans,
        later: list[Span],
    ) -> Message:
        """Return ``message`` so that its readers go on from the span here; add to ``later``."""
        value = next((value for _, value in cloudevents.trace(message.headers)), b"")
        span = spans.get(value)
        others = [context for link in links.get(value, ()) if (context := context_of(link))]
        parent = span.get_span_context() if span else sampled_context(value)
        if parent is None:
            return message
        if span is None or value in links:
            span = self._tracer.start_span(
                f"send {message.topic}",
                _within(parent),
                SpanKind.PRODUCER,
                {"newsquake.agent": stage, "messaging.destination.name": message.topic},
                [Link(context) for context in others[:MAX_LINKS]],
            )
            later.append(span)
        own = traceparent(span.get_span_context())
        return message._replace(headers=with_trace(message.headers, own))


def traceparent(context: SpanContext) -> bytes:
    """Return the header's value, version 00 of W3C Trace Context."""
    flags = int(context.trace_flags) & TraceFlags.SAMPLED
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags:02x}".encode()


def context_of(value: bytes) -> SpanContext | None:
    """Return what a header's value says, None if an id is zero or there is no value."""
    if not value:
        return None
    _, trace_id, span_id, flags, *_ = value.split(b"-")
    context = SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16))
    )
    return context if context.is_valid else None


def sampled_context(value: bytes) -> SpanContext | None:
    """Return the same for a trace that is sampled, else None."""
    context = context_of(value)
    return context if context and context.trace_flags.sampled else None


def _is_sampled(span: Span) -> bool:
    return span.get_span_context().trace_flags.sampled


def _within(parent: SpanContext) -> Context:
    return set_span_in_context(NonRecordingSpan(parent), Context())


def _place(record: Record) -> dict[str, str | int]:
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.kafka.offset": record.offset,
    }


def _provider(processors: Sequence[SpanProcessor], sampler: Sampler) -> TracerProvider:
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    resource = Resource.create({SERVICE_NAME: "newsquake"})
    provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
    for processor in processors:
        provider.add_span_processor(processor)
    return provider
