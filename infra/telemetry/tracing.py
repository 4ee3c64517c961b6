"""Traces as the settings want them."""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from typing import Final

from infra.settings.model import Settings
from infra.settings.telemetry import Telemetry
from infra.telemetry.header_traces import HeaderTraces
from streams.core.errors import Misconfigured
from streams.core.stage import AnyStage
from streams.monitoring.tracing import Tracing

TRACES_PATH: Final = "/v1/traces"
_TIMEOUT_SECONDS: Final = 2.0
"""The time that a collector may take for a request: a worker must end within seconds."""
_EXPORT_MILLISECONDS: Final = 1_000


@contextmanager
def tracing_of(settings: Settings) -> Iterator[Tracing | None]:
    """Yield the traces of this process, None where nobody wants them; send the last at the end.

    Call it after the process was forked: it starts a thread.

    Raises:
        Misconfigured: OpenTelemetry is not installed.
    """
    if not settings.telemetry.endpoint:
        yield None
        return
    with span_tracing(settings.telemetry) as tracing:
        yield tracing


@contextmanager
def worker_tracing(settings: Settings) -> Iterator[Tracing | None]:
    """Yield the same for a worker, whose log of transactions names traces without a collector too.

    Raises:
        Misconfigured: OpenTelemetry is not installed.
    """
    with tracing_of(settings) as tracing:
        yield HeaderTraces() if tracing is None and settings.log.transactions else tracing


@contextmanager
def span_tracing(telemetry: Telemetry) -> Iterator[Tracing]:
    """Yield traces that are sent to the collector, for workers and for other programs.

    A collector that is away costs spans and nothing else.

    Raises:
        Misconfigured: OpenTelemetry is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from infra.telemetry.collector import CollectorExporter
        from infra.telemetry.spans import SpanTracing
    except ImportError as error:
        raise Misconfigured(
            "telemetry.endpoint is set, and OpenTelemetry is not installed: install "
            "newsquake[telemetry]"
        ) from error
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    token = telemetry.token.get_secret_value()
    address = telemetry.endpoint.rstrip("/").removesuffix(TRACES_PATH) + TRACES_PATH
    headers = {"authorization": f"Bearer {token}"} if token else {}
    exporter = OTLPSpanExporter(endpoint=address, headers=headers, timeout=_TIMEOUT_SECONDS)
    processor = BatchSpanProcessor(
        CollectorExporter(exporter, address), schedule_delay_millis=_EXPORT_MILLISECONDS
    )
    try:
        yield SpanTracing([processor], telemetry.sample, version("newsquake"))
    finally:
        # The library would wait for half a minute if the collector hangs.
        ending = threading.Thread(target=processor.shutdown, name="last traces", daemon=True)
        ending.start()
        ending.join(_TIMEOUT_SECONDS)


def with_tracing(stages: Iterable[AnyStage], tracing: Tracing | None) -> list[AnyStage]:
    """Return ``stages`` that are followed by ``tracing``."""
    if tracing is None:
        return list(stages)
    traced = [replace(stage, tracing=tracing) for stage in stages]
    for stage in traced:
        stage.handler.trace_with(tracing)
    return traced
