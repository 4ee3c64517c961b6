"""A consumer on Faust, whose agent feeds the pump."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

import structlog
from aiokafka.errors import IllegalStateError, KafkaError
from faust.exceptions import ConsumerNotStarted
from faust.types import TP, EventT
from mode.supervisors import CrashingSupervisor

from streams.core.chunking import WaitingChunks
from streams.core.consumer import Chunk, ReadProgress
from streams.core.errors import OnFailure, StreamError, report_failure
from streams.core.pump import AnyPump
from streams.core.record import TopicPartition
from streams.core.settings import StreamSettings
from streams.faust.app import App, create_app
from streams.faust.event_queue import EventQueue
from streams.faust.leasing_consumer import Fetched, LeasingConsumer
from streams.faust.membership import Membership
from streams.faust.transport import Transport
from streams.kafka.cluster import Cluster
from streams.monitoring.progress import Progress
from streams.monitoring.unreadable import UnreadableBatches

_log = structlog.get_logger(__name__)
_MAX_QUEUED_RECORDS = 2_000
"""Records that wait for the pump, from which on no further chunk is taken in; bounds memory. The
pump takes all of them at once: a stage under load handles so many together."""
_MIN_CHUNK_RECORDS = _MAX_QUEUED_RECORDS // 16
"""A chunk counts as so many at least: it has fewer where each of them is large."""
_CRASH_CHECK_SECONDS = 0.5


_Event = EventT[Any]
"""A Faust event whose value is a `Fetched`."""


class FaustConsumer:
    """See ``streams.core.consumer.Consumer``.

    The transport below (`streams.faust.transport`) takes the leases, makes one message of each
    fetch and keeps Faust from committing.
    """

    def __init__(
        self, app: App, pump: AnyPump, on_failure: OnFailure, membership: Membership
    ) -> None:
        self._app = app
        self._pump = pump
        self._on_failure = on_failure
        self._membership = membership

    async def run(self) -> None:
        """See ``streams.core.consumer.Consumer``. Faust notes a crash of its services and goes on.

        Raises:
            Misconfigured: The group does not take us, and never will.
            StreamError: Faust or its consumer stopped, and gives no reason.
        """
        starting = asyncio.create_task(self._start())
        starting.add_done_callback(_retrieve)  # the process may end for another failure first
        while not self._app.crashed:
            await asyncio.sleep(_CRASH_CHECK_SECONDS)
            self._membership.check(self._app)
            if starting.done():
                starting.result()
                self._check_consumer()
        raise self._app.crash_reason or StreamError("Faust stopped the stage")

    async def _start(self) -> None:
        await self._app.start()
        _log.info("stage started", agent=self._pump.stage.name, group=self._pump.stage.group)

    def _check_consumer(self) -> None:
        if self._consumer.has_ended and not (self._app.should_stop or self._app.crashed):
            raise StreamError("Faust's consumer ended, and gives no reason")

    @property
    def _consumer(self) -> LeasingConsumer:
        return cast("LeasingConsumer", self._app.consumer)

    async def read_progress(self) -> Mapping[TopicPartition, ReadProgress]:
        """See ``streams.core.consumer.Consumer``."""
        leases = self._pump.leases.held.values()
        held = {TP(*lease.source): lease.source for lease in leases if lease.is_recalled}
        if not held or self._consumer.has_ended:  # `run` raises the reason for its end
            return {}
        consumer = self._consumer
        try:
            ends = await consumer.highwaters(*held)
            positions = consumer.positions(held)
        except (KafkaError, IllegalStateError, ConsumerNotStarted):
            return {}
        return {
            source: ReadProgress(
                position,
                ends[tp],
                consumer.delivered.get(tp, 0),
                stands_still=source in consumer.transport.unreadable or self._pump.pause.is_on,
            )
            for tp, source in held.items()
            if (position := positions.get(tp)) is not None
        }

    def probe(self, source: TopicPartition, position: int) -> None:
        """See ``streams.core.consumer.Consumer``."""
        self._consumer.probe(TP(*source), position)

    async def stop(self) -> None:
        """See ``streams.core.consumer.Consumer``."""
        await self._app.stop()

    async def feed_pump(self, stream: Any) -> None:
        """Hand the chunks of a Faust stream to the pump until the stream ends.

        Chunks that gather while the pump is busy are taken together, and cut into portions that
        the handler can take on. The portion after the next is announced where there is one.
        """
        with report_failure(self._on_failure):
            async with aclosing(EventQueue[_Event](stream, _MAX_QUEUED_RECORDS, _size)) as events:
                waiting, size = WaitingChunks(), self._pump.portion
                waiting.add(self._chunks(await events.get_some()))
                portion = waiting.take(size.records)
                while portion:
                    if not waiting:
                        waiting.add(self._chunks(events.drain()))
                    upcoming = waiting.take(size.records)
                    await self._pump.process(portion, upcoming)
                    if not upcoming:
                        waiting.add(self._chunks(await events.get_some()))
                        upcoming = waiting.take(size.records)
                    portion = upcoming

    def _chunks(self, events: Sequence[_Event]) -> Iterator[Chunk]:
        return map(self._chunk, events)

    def _chunk(self, event: _Event) -> Chunk:
        message, fetched = event.message, cast("Fetched", event.value)

        def is_current_generation() -> bool:
            is_of_group = message.generation_id == self._app.consumer_generation_id
            return bool(is_of_group and fetched.rewinds == self._pump.pause.rewinds)

        def acknowledge() -> None:
            self._app.consumer.ack(message)

        source = TopicPartition(*message.tp)
        return Chunk(source, fetched.records, is_current_generation, acknowledge)


def _size(event: _Event) -> int:
    return max(len(cast("Fetched", event.value).records), _MIN_CHUNK_RECORDS)


def _retrieve(task: asyncio.Task[None]) -> None:
    """Take note of a task's failure, or asyncio would log it with a traceback."""
    if not task.cancelled():
        task.exception()


def create_consumer(
    pump: AnyPump,
    cluster: Cluster,
    settings: StreamSettings,
    on_failure: OnFailure,
    progress: Progress,
) -> FaustConsumer:
    """Return the consumer that feeds ``pump``, not started. ``on_failure`` must end the process."""
    app = create_app(pump.stage, cluster, settings)
    transport = Transport(app.conf.broker_consumer, app)
    transport.leases = pump.leases
    transport.pause = pump.pause
    transport.unreadable = UnreadableBatches(pump.stage, progress)
    transport.on_failure = on_failure
    transport.fetch_wait_ms = int(settings.fetch_wait * 1_000)
    app.transport = transport

    topic = app.topic(
        pump.stage.source,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )
    membership = Membership(cluster, pump.stage, progress)
    consumer = FaustConsumer(app, pump, on_failure, membership)
    agent = app.agent(topic, name=pump.stage.name, supervisor_strategy=CrashingSupervisor)
    agent(consumer.feed_pump)
    return consumer
