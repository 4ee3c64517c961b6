"""One stage as a Faust app: a consumer group, its leases, and an agent that drives the pump."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any

import faust
from aiokafka.errors import IllegalStateError, KafkaError
from faust.exceptions import ConsumerNotStarted
from faust.types import TP
from mode.supervisors import CrashingSupervisor

from streams.core.backpressure import InFlightBudget
from streams.core.chunking import split_chunk
from streams.core.fuse import Fuse
from streams.core.lease import Leases
from streams.core.metrics_hook import MetricsHook, ignore_samples
from streams.core.pump import Chunk, Pump
from streams.core.record import TopicPartition
from streams.core.settings import StreamSettings
from streams.core.stage import Stage
from streams.faust.event_queue import EventQueue
from streams.faust.stall_detector import ReadProgress
from streams.faust.transport import Transport
from streams.kafka.cluster import Cluster
from streams.kafka.connection import tls
from streams.kafka.kafka_log import KafkaLog

OnFailure = Callable[[BaseException], None]

_NEVER = 10.0**7
"""Seconds between Faust's commits, which do nothing; its livelock detector waits for them too."""
_REQUEST_SECONDS = 90.0
_BUFFERED_CHUNKS = 16
_TAKE_CHUNKS = 16


class App(faust.App):
    """A Faust app with leases that leaves no directories behind."""

    leases: Leases
    pump: Pump

    def _create_directories(self) -> None:
        pass


def create(
    stage: Stage[Any],
    cluster: Cluster,
    tuning: StreamSettings,
    on_failure: OnFailure,
    observe: MetricsHook = ignore_samples,
) -> App:
    """The app of ``stage``, not started. ``on_failure`` must end the process."""
    app = _app(stage, cluster, tuning)
    app.leases = Leases(KafkaLog(cluster), stage, on_failure, tuning.linger, observe)
    fuse = Fuse(tuning.fuse_share, tuning.fuse_window)
    app.pump = Pump(stage, app.leases, InFlightBudget(tuning.in_flight_bytes), fuse, observe)
    transport = Transport(app.conf.broker_consumer, app)
    transport.leases = app.leases
    transport.on_failure = on_failure
    transport.fetch_wait = tuning.fetch_wait
    app.transport = transport
    _bind(app, stage, on_failure)
    return app


def _app(stage: Stage[Any], cluster: Cluster, tuning: StreamSettings) -> App:
    return App(
        stage.group,
        env={},  # Faust would let os.environ beat these arguments
        broker=[f"kafka://{address}" for address in cluster.bootstrap.split(",")],
        broker_credentials=_credentials(cluster),
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        broker_commit_interval=_NEVER,
        broker_session_timeout=tuning.session_timeout,
        broker_heartbeat_interval=tuning.session_timeout / 4,
        broker_request_timeout=max(_REQUEST_SECONDS, tuning.session_timeout + 1),
        broker_max_poll_records=tuning.chunk_size,
        stream_buffer_maxsize=_BUFFERED_CHUNKS,
    )


def _credentials(cluster: Cluster) -> Any:
    context = tls(cluster)
    if not cluster.security.startswith("SASL"):
        return context
    return faust.SASLCredentials(
        username=cluster.username,
        password=cluster.password.get_secret_value(),
        mechanism=cluster.sasl_mechanism,
        ssl_context=context,
    )


def _bind(app: App, stage: Stage[Any], on_failure: OnFailure) -> None:
    topic = app.topic(
        stage.source,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )

    async def pump(stream: Any) -> None:
        try:
            await _drive(app, stream, stage.max_records)
        except Exception as error:  # noqa: BLE001 - whatever failed, the process ends
            on_failure(error)

    app.agent(topic, name=stage.name, supervisor_strategy=CrashingSupervisor)(pump)


async def reach(app: App) -> dict[TopicPartition, ReadProgress]:
    """How far what is held is read; nothing while the group is changing or Kafka is away."""
    held = {TP(*lease.source): lease.source for lease in app.leases.all() if lease.recalled}
    if not held:
        return {}
    try:
        ends = await app.consumer.highwaters(*held)
        positions = {tp: await app.consumer.position(tp) for tp in held}
    except (KafkaError, IllegalStateError, ConsumerNotStarted):
        return {}
    return {
        source: ReadProgress(position, ends[tp])
        for tp, source in held.items()
        if (position := positions[tp]) is not None
    }


async def _drive(app: App, stream: Any, most: int | None) -> None:
    def dealt(events: Sequence[Any]) -> Iterator[list[Chunk]]:
        return split_chunk([_chunk(app, event) for event in events], most)

    async with aclosing(EventQueue(stream, _TAKE_CHUNKS)) as events:
        ready = deque(dealt(await events.some()))
        while ready:
            portion = ready.popleft()
            ready.extend(dealt(() if ready else events.more()))
            await app.pump.turn(portion, ready[0] if ready else ())
            ready.extend(dealt(() if ready else await events.some()))


def _chunk(app: App, event: Any) -> Chunk:
    message, records = event.message, event.value

    def fresh() -> bool:
        return bool(message.generation_id == app.consumer_generation_id)

    def done() -> None:
        app.consumer.ack(message)

    return Chunk(TopicPartition(*message.tp), records, fresh, done)
