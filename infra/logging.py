"""One renderer for everything that is logged: ours, and what faust, mode and aiokafka say."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from infra.masking import masked
from infra.settings.model import Log

_RETRYING = ("aiokafka",)
"""Clients that report every attempt while a broker is away, dozens a second. That it is away is
said once, by ``streams.kafka.broker_health``; what they give up on, they raise."""

_THIRD_PARTIES = (
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


def configure_logging(log: Log, stream: TextIO | None = None) -> None:
    """Send all logging to ``stream`` (stderr): JSON lines, or text for people on a terminal.

    Third parties are heard from their warnings up (at level debug from info up). May be called
    again. Faust's own worker must be told ``override_logging=False``, or it replaces this.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(log, stream))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log.level.upper())
    logging.captureWarnings(capture=True)
    _quiet(root.level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_stamps(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _stamps() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]


def _formatter(log: Log, stream: TextIO) -> logging.Formatter:
    console = log.format == "console" or (log.format == "auto" and stream.isatty())
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_stamps(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _mask,
            _console(stream) if console else structlog.processors.JSONRenderer(),
        ],
    )


def _console(stream: TextIO) -> Processor:
    return structlog.dev.ConsoleRenderer(colors=stream.isatty())


def _mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: masked(value, key) for key, value in event.items()}


def _quiet(level: int) -> None:
    quiet = logging.INFO if level <= logging.DEBUG else max(level, logging.WARNING)
    for name in _THIRD_PARTIES:
        logging.getLogger(name).setLevel(quiet)
    for name in _RETRYING:
        logging.getLogger(name).setLevel(quiet if level <= logging.DEBUG else logging.CRITICAL)
