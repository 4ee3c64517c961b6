"""One format for all log output: Newsquake's own and that of faust, mode and aiokafka."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from infra.masking import mask
from infra.privacy.redaction import Redact
from infra.settings.model import Log

_RETRYING_CLIENTS: Final = ("aiokafka",)
"""Loggers of clients that report every attempt while a broker is away, dozens a second. An outage
is logged once, by ``streams.monitoring.broker_health``; errors that end their retries are
raised."""

_THIRD_PARTIES: Final = (
    "asyncio",
    "faust",
    "filelock",
    "httpcore",
    "httpx",
    "huggingface_hub",
    "mode",
    "streams.faust.app",  # mode logs a service's start and stop under the module of its class
    "streams.faust.transport",
    "transformers",
    "urllib3",
)


_PLAIN_FIELDS: Final = frozenset({"timestamp", "level", "logger"})
"""Fields that hold neither secrets nor personal data, and whose digits may look like it."""


def configure_logging(log: Log, stream: TextIO | None = None, redact: Redact | None = None) -> None:
    """Send all logging to ``stream`` (default: stderr), as JSON lines or as text for a terminal.

    ``redact`` takes out what nobody may see; without it secrets are recognised by name and shape.

    Third parties are logged from level warning up, or from info up if the level is debug. The
    function may be called again. Faust's own worker must be given ``override_logging=False``, or it
    replaces this configuration.
    """
    stream = stream or sys.stderr
    stamps: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=stamps,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            partial(_redact_fields, redact or mask),
            _renderer(log, stream),
        ],
    )
    _configure_root(log.level.upper(), formatter, stream)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *stamps,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _renderer(log: Log, stream: TextIO) -> Processor:
    is_terminal = stream.isatty()
    if log.format == "console" or (log.format == "auto" and is_terminal):
        return structlog.dev.ConsoleRenderer(colors=is_terminal)
    return structlog.processors.JSONRenderer()


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Append all logging to the file ``path``, and send it to stderr again afterwards."""
    with path.open("a") as stream:
        configure_logging(Log(), stream)
        try:
            yield
        finally:
            configure_logging(Log())


def _redact_fields(
    redact: Redact, _logger: WrappedLogger, _method: str, event: EventDict
) -> EventDict:
    return {
        key: value if key in _PLAIN_FIELDS else redact(value, key) for key, value in event.items()
    }


def _configure_root(level: str, formatter: logging.Formatter, stream: TextIO) -> None:
    """Give the root logger its one handler, and third parties their higher levels."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)

    is_debug = root.level <= logging.DEBUG
    third_party_level = logging.INFO if is_debug else max(root.level, logging.WARNING)
    for name in _THIRD_PARTIES:
        logging.getLogger(name).setLevel(third_party_level)
    for name in _RETRYING_CLIENTS:
        client = logging.getLogger(name)
        # Its errors are still read by `streams.monitoring.client_errors`.
        client.setLevel(min(third_party_level, logging.WARNING))
        client.propagate = is_debug
        if not client.handlers:
            client.addHandler(logging.NullHandler())
