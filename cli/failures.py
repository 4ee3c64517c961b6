"""Failures of a command, explained: lines for people and an exit code for scripts.

The exit code is 2 if the command line or the settings are wrong, and 1 for any failure while the
command runs.
"""

import sys
import traceback
from typing import NamedTuple

from infra.usage_error import UsageError


class Explained(NamedTuple):
    """Lines for stderr and the exit code."""

    lines: list[str]
    code: int


def explain(error: Exception) -> Explained | None:
    """Explain ``error`` to the user; return None for an unknown failure, which is a bug of ours."""
    if isinstance(error, UsageError):
        return Explained([str(error)], 2)

    from infra.kafka.error import EmbeddedKafkaError
    from infra.settings.model import SettingsError
    from infra.terminal import printable
    from nlp.classifier import DeviceLost, ModelBusy, ModelError, ModelMissing
    from nlp.labelled_rows import BadRows
    from streams.core.errors import StreamError

    if isinstance(error, SettingsError):
        return Explained(error.problems, 2)

    model_failures = (ModelMissing, ModelBusy, ModelError, DeviceLost, BadRows)
    failures = (EmbeddedKafkaError, StreamError, OSError, *model_failures)
    # A process that never imported the Kafka client has no error of it.
    kafka_errors = sys.modules.get("aiokafka.errors")
    if isinstance(error, failures) or (kafka_errors and isinstance(error, kafka_errors.KafkaError)):
        line = printable(" ".join(_said(error).split()))  # it may quote a file or a server
        return Explained([line or type(error).__name__], 1)
    return None


def _said(error: Exception) -> str:
    """Return what an error says; of one of the operating system, the file and the reason."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def unexplained(error: Exception) -> Explained:
    """Return the traceback of an unknown failure, which is a bug of ours."""
    text = "".join(traceback.format_exception(error)).rstrip()
    return Explained([f"failed in a way that it does not know:\n{text}"], 1)
