"""The table of faults."""

from typing import NamedTuple

from tests.chaos import faults, faults_of_clusters, faults_of_logs
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
    Fault("one of two workers gone", faults.kill_worker_for_good, 5),
    Fault("worker frozen and thawed", faults.freeze_worker, 5),
    Fault("rolling restart of workers", faults.restart_workers, 3),
    Fault("two with one identity", faults_of_clusters.take_identity, 5),
    Fault("broker killed", faults.kill_broker, 5),
    Fault("leader killed", faults_of_clusters.kill_leader, 5, "three brokers"),
    Fault("coordinator killed", faults_of_clusters.kill_coordinator, 5, "three brokers"),
    Fault("rolling restart of brokers", faults_of_clusters.restart_brokers, 1, "three brokers"),
    Fault("disk full", faults_of_clusters.fill_disk, 2, "on a small disk"),
    Fault(
        "connections cut and slowed", faults_of_clusters.disturb_connections, 3, "behind a proxy"
    ),
    Fault("clock jumped", faults_of_clusters.jump_clock, 2, "another clock"),
    Fault("log truncated", faults_of_logs.cut_log, 4),
    Fault("offsets expired", faults_of_logs.forget_offsets, 3),
    Fault("retention passing", faults_of_logs.pass_retention, 4),
)
