"""The way to a collector of traces: a line when it goes away, and a line when it is back."""

from collections.abc import Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

_log = structlog.get_logger("newsquake.worker")


class CollectorExporter(SpanExporter):
    """Sends spans to a collector; the library would log each attempt, one a second."""

    def __init__(self, exporter: OTLPSpanExporter, address: str) -> None:
        self._exporter = exporter
        self._address = address
        self._is_away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans, in the thread of the processor; those that can't be sent are dropped."""
        result = self._exporter.export(spans)
        is_away = result is not SpanExportResult.SUCCESS
        if is_away and not self._is_away:
            _log.warning("the collector takes no traces: spans are dropped", address=self._address)
        elif self._is_away and not is_away:
            _log.info("the collector takes traces again", address=self._address)
        self._is_away = is_away
        return result

    def shutdown(self) -> None:
        """Close the connection."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]
