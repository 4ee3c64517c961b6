"""What a command says when it can't go on: lines for people, and an exit code for scripts.

Exit codes: 2 the command or the settings are wrong, 1 anything that happened while it ran.
"""

import sys
from typing import NamedTuple

from infra.usage_error import UsageError


class Explained(NamedTuple):
    """Lines for stderr and the exit code."""

    lines: list[str]
    code: int


def explain(error: Exception) -> Explained | None:
    """What to tell the user about ``error``; None for a failure that is our own mistake."""
    from infra.settings.model import SettingsError  # noqa: PLC0415 - pydantic is slow to import

    if isinstance(error, SettingsError):
        return Explained(error.problems, 2)
    if isinstance(error, UsageError):
        return Explained([str(error)], 2)
    if isinstance(error, _runtime()):
        return Explained([_line(error)], 1)
    return None


def _runtime() -> tuple[type[Exception], ...]:
    from infra.kafka.failure import EmbeddedKafkaError  # noqa: PLC0415
    from streams.core.errors import StreamError  # noqa: PLC0415

    return (EmbeddedKafkaError, StreamError, OSError, *_kafka(), *_model())


def _kafka() -> tuple[type[Exception], ...]:
    """Nothing can be a Kafka error in a process that never imported the client."""
    errors = sys.modules.get("aiokafka.errors")
    return (errors.KafkaError,) if errors else ()


def _model() -> tuple[type[Exception], ...]:
    from nlp.classifier import ModelBusy, ModelError, ModelMissing  # noqa: PLC0415
    from nlp.labelled_rows import BadRows  # noqa: PLC0415

    return (ModelMissing, ModelBusy, ModelError, BadRows)


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text or type(error).__name__
