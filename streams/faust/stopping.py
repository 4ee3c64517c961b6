"""Stop without a broker: what is not committed is processed again, so waiting is of no use."""

import asyncio
import threading
import time
from collections.abc import Collection
from typing import Any, Final

import structlog
from aiokafka.errors import KafkaError

from streams.core.pump import AnyPump

_log = structlog.get_logger(__name__)
_CHECK_SECONDS: Final = 0.1
_HANDLER_SECONDS: Final = 20.0
"""The time that handlers have to end the batch under way: a model may be slow."""


async def wait_for_kafka(
    leaving: "asyncio.Future[Any]", pumps: Collection[AnyPump], timeout_seconds: float
) -> bool:
    """Wait until ``leaving`` is done; give up when Kafka takes longer than ``timeout_seconds``.

    The time for which handlers are at work does not count, up to 20 seconds.

    Returns:
        False if the wait was given up.

    Raises:
        Exception: ``leaving`` failed.
    """
    began = kafka_since = time.monotonic()
    threading.excepthook = _drop_thread_failure
    while not (await asyncio.wait([leaving], timeout=_CHECK_SECONDS))[0]:
        now = time.monotonic()
        at_work = [pump for pump in pumps if pump.is_handling]
        if at_work and now - began < _HANDLER_SECONDS:
            kafka_since = now
        elif now - kafka_since >= timeout_seconds:
            if at_work:
                report_unfinished(at_work, now - began)
            else:
                report_no_answer(pumps, now - began, "no answer")
            return False
    try:
        leaving.result()
    except (KafkaError, ConnectionError, asyncio.CancelledError) as error:
        report_no_answer(
            pumps, time.monotonic() - began, " ".join(str(error).split()) or "no answer"
        )
        return False
    return True


def _drop_thread_failure(_: threading.ExceptHookArgs) -> None:
    """Drop what ends the thread of a Faust consumer that could not leave its group."""


def report_unfinished(pumps: Collection[AnyPump], seconds: float) -> None:
    """Log that the worker stops although a handler has not decided."""
    _log.warning(
        "worker stops in the middle of a batch, which takes too long: it will be processed again, "
        "and nothing is lost",
        agents=[pump.stage.name for pump in pumps],
        waited_seconds=round(seconds, 1),
    )


def report_no_answer(pumps: Collection[AnyPump], seconds: float, problem: str) -> None:
    """Log that the worker stops without having left its groups."""
    _log.warning(
        "worker stops without Kafka, which does not answer: what is not committed will be "
        "processed again, and nothing is lost",
        agents=[pump.stage.name for pump in pumps],
        problem=problem,
        waited_seconds=round(seconds, 1),
        setting="NEWSQUAKE_WORKER__STOP_TIMEOUT",
    )
