"""Faust's transport: its consumer is ours (`streams.faust.leasing_consumer`)."""

from typing import Any

from faust.transport.drivers import aiokafka as driver

from streams.core.backpressure import Pause
from streams.core.errors import OnFailure
from streams.core.lease import Leases
from streams.faust.leasing_consumer import LeasingConsumer
from streams.monitoring.unreadable import UnreadableBatches


class Transport(driver.Transport):
    """Faust's Kafka transport, with leases.

    Attributes:
        leases: The leases to take when partitions are assigned.
        pause: Is on while nothing shall be fetched.
        unreadable: The batches at which partitions stand still.
        fetch_wait_ms: The milliseconds for which the broker gathers records.
        on_failure: Receives the failure to take a lease.
    """

    Consumer = LeasingConsumer
    leases: Leases[Any]
    pause: Pause
    unreadable: UnreadableBatches
    fetch_wait_ms: int
    on_failure: OnFailure
