"""A selection of the matrix (`tests.chaos.matrix`): each fault a time or two.

`make chaos` does all of them, as often as the table says.
"""

from pathlib import Path

import pytest

from tests.chaos import faults, faults_of_clusters, faults_of_logs
from tests.chaos.run import Inject, carry_out
from tests.chaos.site import Kind

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]
PROCESSES = [
    (faults.kill_worker, 2),
    (faults.freeze_worker, 1),
    (faults_of_clusters.take_identity, 1),
    (faults.kill_broker, 1),
]
LOGS = [
    (faults_of_logs.pass_retention, 1),
    (faults_of_logs.cut_log, 1),
    (faults_of_logs.forget_offsets, 1),
]
BROKERS = [(faults_of_clusters.kill_leader, 1), (faults_of_clusters.kill_coordinator, 1)]


@pytest.mark.parametrize(
    ("kind", "injects"),
    [
        pytest.param("one broker", PROCESSES, id="workers and broker"),
        pytest.param("one broker", LOGS, id="logs and offsets"),
        pytest.param("three brokers", BROKERS, id="leader and coordinator"),
        pytest.param("on a small disk", [(faults_of_clusters.fill_disk, 1)], id="disk full"),
        pytest.param(
            "behind a proxy", [(faults_of_clusters.disturb_connections, 1)], id="connections"
        ),
        pytest.param("another clock", [(faults_of_clusters.jump_clock, 1)], id="clock"),
    ],
)
async def test_nothing_is_lost_doubled_or_miscounted(
    jar_cache: Path, kind: Kind, injects: list[tuple[Inject, int]]
) -> None:
    """A desk would miss an alert, or get one twice, after a fault that every cluster has."""
    result = await carry_out(kind, injects, jar_cache)
    assert result.account.problems == (), f"{result.account}\n{result.log}"
