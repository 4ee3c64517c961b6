"""One watchdog for all waits: nothing stands still in silence."""

import asyncio
import time
from typing import Final

import structlog

from streams.core.errors import Stalled
from streams.core.settings import StreamSettings
from streams.kafka.cluster import Cluster
from streams.monitoring.client_errors import ClientErrors
from streams.monitoring.diagnosis import find_problem
from streams.monitoring.progress import Progress, Wait

_log = structlog.get_logger(__name__)
_CHECKS: Final = 5
"""The number of looks within the patience."""
_REPEAT_SECONDS: Final = 60.0
"""The time after which a wait that goes on is logged again."""
_ASK_AGAIN_SECONDS: Final = 5.0
"""The same while no cause is known: a cluster takes some seconds to notice that a broker died."""
_UNKNOWN: Final = (
    "no fault is visible from here: look into the brokers' logs; the worker ends after "
    "NEWSQUAKE_WORKER__PATIENCE_LIMIT, and a new start asks anew"
)


async def watch(progress: Progress, cluster: Cluster, settings: StreamSettings) -> None:
    """Log what is waited for, why, and what to do; log once more when it goes on.

    Raises:
        Stalled: There was no progress for ``settings.patience_limit`` seconds.
    """
    logged_at: float | None = None
    stopped_since, is_known = 0.0, False
    with ClientErrors() as client:
        while True:
            await asyncio.sleep(min(1.0, settings.patience / _CHECKS))
            overdue, now = progress.overdue(), time.monotonic()
            if not overdue:
                if logged_at is not None:
                    _log.info("work goes on", after_seconds=round(now - stopped_since, 1))
                logged_at, is_known = None, False
                continue
            wait, stopped_since = overdue[0], overdue[0].since
            is_over = now - wait.since >= settings.patience_limit
            if (
                is_over
                or logged_at is None
                or now - logged_at >= (_REPEAT_SECONDS if is_known else _ASK_AGAIN_SECONDS)
            ):
                logged_at = now
                is_known = await _report(wait, overdue, cluster, client)
            if is_over:
                raise Stalled(
                    f"no progress for {now - wait.since:.0f} s, waiting for {wait.what}: see the "
                    "line before; NEWSQUAKE_WORKER__PATIENCE_LIMIT is the time to wait"
                )


async def _report(wait: Wait, overdue: list[Wait], cluster: Cluster, client: ClientErrors) -> bool:
    """Log the longest wait; return whether its cause is known."""
    topics = frozenset[str]().union(*(other.topics for other in overdue))
    stated = [text for other in overdue if (text := other.problem or other.explain())]
    problem = await find_problem(cluster, topics) or next(iter(stated), "")
    _log.error(
        "no progress",
        waits_for=wait.what,
        seconds=round(time.monotonic() - wait.since, 1),
        waits=len(overdue),
        problem=problem or _UNKNOWN,
        client_error=client.last(wait.since),
    )
    return bool(problem)
