"""The table of faults."""

from typing import NamedTuple

from tests.chaos import faults
from tests.chaos.run import Inject
from tests.chaos.site import Kind


class Fault(NamedTuple):
    """A row.

    Attributes:
        name: The name of the row.
        inject: Does the fault once.
        times: The number of times in `make chaos`.
        site: The cluster on which it is done.
    """

    name: str
    inject: Inject
    times: int
    site: Kind = "one broker"


MATRIX = (
    Fault("worker killed", faults.kill_worker, 20),
    Fault("worker killed for good", faults.kill_worker_for_good, 5),
    Fault("worker frozen and thawed", faults.freeze_worker, 5),
    Fault("broker killed", faults.kill_broker, 5),
    Fault("rolling restart of workers", faults.restart_workers, 2),
)
