"""Check that no worker runs."""

from streams.backup.backup_plan import BackupPlan
from streams.backup.group_members import member_counts
from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster


async def check_stopped(cluster: Cluster, plan: BackupPlan, next_step: str) -> None:
    """Check that the groups of agents have no members.

    Raises:
        Misconfigured: A group has some.
    """
    counts = await member_counts(cluster, {stage.group for stage in plan.stages})
    if counts:
        groups = ", ".join(f"{group} has {count} members" for group, count in counts.items())
        raise Misconfigured(
            f"workers run ({groups}): stop them, {next_step}. One that was killed counts until "
            "NEWSQUAKE_WORKER__SESSION_TIMEOUT has passed"
        )
