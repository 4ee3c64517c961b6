"""A Faust consumer's place in its group, and the answers to its fetches.

Faust reads from aiokafka's fetcher, below the methods that would raise what the group coordinator
found out. It stands there until somebody asks.
"""

import time
from asyncio import AbstractEventLoop
from typing import Any, Final, cast

from streams.core.errors import Misconfigured
from streams.core.stage import AnyStage
from streams.faust.app import App
from streams.kafka.cluster import Cluster
from streams.monitoring.explain import explain_kafka
from streams.monitoring.guarded_connections import GuardedConnections
from streams.monitoring.progress import Progress

_USUAL_SECONDS: Final = 2.0
"""The time within which a broker answers each request but those that wait for other members."""
_GIVE_UP_SECONDS: Final = 20.0
"""The time after which a silent connection is closed; the client then opens another."""
_WAITS_FOR_MEMBERS: Final = ("JoinGroup", "SyncGroup")
Silence = tuple[float, str]
"""The time since which a broker is silent, by the monotonic clock, and its ``host:port``."""


class Membership:
    """Looks at the consumer of one stage, from outside its thread: it only reads."""

    def __init__(self, cluster: Cluster, stage: AnyStage, progress: Progress) -> None:
        self._cluster = cluster
        self._stage = stage
        self._progress = progress

    def check(self, app: App) -> None:
        """Report what the consumer waits for.

        Raises:
            Misconfigured: The coordinator found an error that does not pass.
        """
        thread: Any = cast("Any", app.consumer)._thread if app._consumer else None  # noqa: SLF001 - no public way
        consumer = thread and thread._consumer  # noqa: SLF001 - as above
        stage, group_key, fetch_key = self._stage, (self, "group"), (self, "fetch")
        if consumer is None or consumer._coordinator is None:  # noqa: SLF001 - as above
            self._progress.begin(group_key, f"a connection for {stage.name}", stage.source)
            return
        self._raise_group_error(consumer._coordinator)  # noqa: SLF001 - as above
        client, assignment = consumer._client, _assignment(consumer)  # noqa: SLF001 - as above
        if client.cluster.partitions_for_topic(stage.source) is None:
            self._progress.begin(group_key, f"the topic {stage.source}", stage.source)
            client._loop.call_soon_threadsafe(client.force_metadata_update)  # noqa: SLF001 - as above
        elif assignment is None:
            self._progress.begin(group_key, f"a place in the group {stage.group}", stage.source)
        else:
            self._progress.end(group_key)
        if silences := self._silent(thread.connections, client._loop):  # noqa: SLF001 - as above
            since, address = min(silences)
            what = f"an answer of {address} to {stage.name}"
            self._progress.begin(fetch_key, what, stage.source, since=since)
        else:
            self._progress.end(fetch_key)

    def _silent(self, connections: GuardedConnections, loop: AbstractEventLoop) -> list[Silence]:
        """Return which brokers are silent for unusually long; give up the longest waits."""
        now, silences = time.monotonic(), list[Silence]()
        for since, _, connection, request in connections.unanswered():
            if not type(request).__name__.startswith(_WAITS_FOR_MEMBERS):
                silences.append((since, f"{connection.host}:{connection.port}"))
                if since < now - _GIVE_UP_SECONDS:
                    loop.call_soon_threadsafe(connection.close)
        if connecting := connections.silent():
            silences.append(connecting)
        return [silence for silence in silences if silence[0] <= now - _USUAL_SECONDS]

    def _raise_group_error(self, coordinator: Any) -> None:
        error, task = coordinator._pending_exception, coordinator._coordination_task  # noqa: SLF001 - as above
        if error is None and task.done() and not task.cancelled():
            error = task.exception()
        if error is not None:
            group, source = self._stage.group, self._stage.source
            explanation = explain_kafka(error, self._cluster, group=group, topics=source)
            raise Misconfigured(
                f"{self._stage.name} can't read {source} in the group {group}: "
                f"{explanation or 'the coordinator refused it'} ({type(error).__name__}: {error})"
            ) from error


def _assignment(consumer: Any) -> Any:
    """Return the partitions that the group assigned, possibly none; None before it has."""
    subscription = consumer._subscription.subscription  # noqa: SLF001 - as above
    return subscription.assignment if subscription else None
