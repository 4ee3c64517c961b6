"""A transactional producer whose late requests can't touch a later transaction.

aiokafka repeats a request without an answer over a new connection until there is one, as the Java
client does. The first may still be on its way, in a proxy or in the queue of a broker that hung. If
it is an EndTxn, and comes during the next transaction, it commits as much of that as is there. So
the producer's epoch rises before the next transaction begins, and the broker refuses what has the
last one (KIP-360). Brokers do so at each commit for clients that know KIP-890, which aiokafka does
not.
"""

import math
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.client import CoordinationType
from aiokafka.errors import (
    CoordinatorNotAvailableError,
    KafkaConnectionError,
    NoError,
    for_code,
)
from aiokafka.producer.sender import InitPIDHandler
from aiokafka.producer.transaction_manager import PidAndEpoch
from aiokafka.protocol.transaction import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    TxnOffsetCommitRequest,
)
from aiokafka.protocol.types import CompactString, Int16, Int32, Int64, Schema

from streams.kafka.requests import TAGS, KafkaRequest, request_struct
from streams.monitoring.guarded_connections import GuardedConnections

_log = structlog.get_logger(__name__)
_MAY_COME_LATE: Final = (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    TxnOffsetCommitRequest,
)
"""Batches are not among these: each has a number, by which the broker knows it again (KIP-98)."""
_RAISE_EPOCH: Final = request_struct(
    22,
    3,
    Schema(
        ("transactional_id", CompactString("utf-8")),
        ("timeout_ms", Int32),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        TAGS,
    ),
    Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        TAGS,
    ),
    FLEXIBLE_VERSION=True,
)


class TransactionalProducer(AIOKafkaProducer):  # type: ignore[misc] # aiokafka has no types
    """See aiokafka's producer; its options include ``transactional_id``.

    Attributes:
        connections: The connections, and what they wait for.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.connections = GuardedConnections(self.client)
        # A batch whose partition has no leader would be given up after a request's time-out.
        self._message_accumulator._batch_ttl = math.inf  # noqa: SLF001 - there is no public way
        self._unanswered = 0
        self._send_request = self.client.send
        self.client.send = self._send_counted
        self._look_up = self.client.coordinator_lookup
        self.client.coordinator_lookup = self._look_up_again

    async def begin_transaction(self) -> None:
        """Begin a transaction that no request of an earlier one can reach.

        Raises:
            InvalidProducerEpoch: Another producer has taken the transactional id since.
            IncompatibleBrokerVersion: The broker is older than Kafka 2.5, and can't do this.
        """
        if self._unanswered:
            await self._raise_epoch()
        await super().begin_transaction()

    async def _send_counted(self, node: int, request: Any, **options: Any) -> Any:
        """Send a request of any kind, and count those that are not answered."""
        count = int(isinstance(request, _MAY_COME_LATE))
        self._unanswered += count
        answer = await self._send_request(node, request, **options)
        self._unanswered -= count
        return answer

    async def _look_up_again(self, kind: int, key: str) -> int:
        """Return the node of a coordinator; one that can't be asked counts as not there yet.

        aiokafka asks again where there is no coordinator, and ends the producer where the
        connection ends before the answer.
        """
        try:
            node: int = await self._look_up(kind, key)
        except KafkaConnectionError as error:
            raise CoordinatorNotAvailableError(str(error)) from error
        return node

    async def _raise_epoch(self) -> None:
        """Have the broker refuse all requests so far; who holds the id by now is not fenced."""
        sender, name = self._sender, self._txn_manager.transactional_id
        _log.warning(
            "a request of the last transaction had no answer and was repeated: the epoch rises, "
            "so that the broker refuses it if it comes late",
            transactional_id=name,
        )
        coordinator = await sender._find_coordinator(CoordinationType.TRANSACTION, name)  # noqa: SLF001 - there is no public way
        while not await _RaiseEpoch(sender).do(coordinator):
            await self.client.force_metadata_update()
            coordinator = await sender._find_coordinator(CoordinationType.TRANSACTION, name)  # noqa: SLF001 - as above
        self._unanswered = 0


class _RaiseEpoch(InitPIDHandler):  # type: ignore[misc] # as above
    """Asks for the next epoch of a producer between two transactions.

    The request names the present epoch: it can be repeated, and fails if that is over.
    """

    def create_request(self) -> KafkaRequest:
        """See aiokafka's handlers."""
        manager = self._sender._txn_manager  # noqa: SLF001 - there is no public way
        return KafkaRequest(
            _RAISE_EPOCH,
            manager.transactional_id,
            manager.transaction_timeout_ms,
            manager.producer_id,
            manager.producer_epoch,
            {},
        )

    def handle_response(self, answer: Any) -> float | None:
        """See aiokafka's handlers; None is success, a number the seconds until the next try."""
        if for_code(answer.error_code) is not NoError:
            seconds: float | None = super().handle_response(answer)
            return seconds
        manager = self._sender._txn_manager  # noqa: SLF001 - there is no public way
        manager._pid_and_epoch = PidAndEpoch(answer.producer_id, answer.producer_epoch)  # noqa: SLF001 - as above
        manager._sequence_numbers.clear()  # noqa: SLF001 - as above
        return None
