"""Check that topics may take a backup: as many partitions, and nothing that agents wrote."""

from streams.backup.backup_plan import Pipeline
from streams.backup.check import CheckedBackup
from streams.core.errors import BadBackup, Misconfigured
from streams.core.record import TopicPartition
from streams.growth.layout import LAYOUT_KEY
from streams.positions.landmarks import Remembered

_ELSEWHERE = (
    "a backup goes into topics that no agent has used. Take another NEWSQUAKE_KAFKA__PREFIX, or "
    "delete the topics, and run `newsquake topics create`"
)


def check_partitions(pipeline: Pipeline, backup: CheckedBackup) -> None:
    """Check that each key has the partition that it had where the backup was made.

    Raises:
        Misconfigured: A topic has another number of partitions.
        BadBackup: The backup has a partition that it can't have.
    """
    _, plan, layout = pipeline
    for section, end in backup.sections:
        name = plan.topic(section.topic)
        count, present = backup.heading.partitions[section.topic], layout.assigned[name]
        if present != count:
            raise Misconfigured(
                f"{section.topic} has {count} partitions in the backup, and {name} has {present}: "
                "memory is bound to partitions. Create the topics under another "
                "NEWSQUAKE_KAFKA__PREFIX with as many as in the backup, and import there; "
                "`newsquake topics grow` adds partitions afterwards"
            )
        if end.records and section.partition >= layout.counts[name]:
            raise BadBackup(f"{backup.path} has {section}, and {count} partitions of the topic")


async def check_empty(pipeline: Pipeline) -> None:
    """Check that no agent has worked on the topics; what only others write may have records.

    Raises:
        Misconfigured: An agent has.
    """
    log, plan, layout = pipeline
    imported = {*plan.memories, *plan.sources}
    for topic in dict.fromkeys((*plan.memories, *plan.written)):
        name = plan.topic(topic)
        for number in range(layout.counts[name]):
            source = TopicPartition(name, number)
            # An import that was killed may have left aborted records in the topics that it writes.
            bounds = await log.bounds(source)
            refusal = Misconfigured(f"{name}-{number} has records: {_ELSEWHERE}")
            if topic in imported and bounds.end > bounds.start:
                async for records in log.scan(source, bounds.start, bounds.end):
                    if records:
                        raise refusal
            elif bounds.end > bounds.start:
                raise refusal
    await check_positions(pipeline)


async def check_positions(pipeline: Pipeline) -> None:
    """Check that no agent has a position or an offset.

    Raises:
        Misconfigured: An agent has.
    """
    log, plan, layout = pipeline
    positions = plan.topic(plan.positions)
    for number in range(layout.counts[positions]):
        source = TopicPartition(positions, number)
        async for records in log.scan(source, 0, (await log.bounds(source)).end):
            for record in records:
                is_position = b"|" in (record.key or LAYOUT_KEY) and record.value
                if is_position and Remembered.from_bytes(record.value or b"").position:
                    raise Misconfigured(f"{positions} has the position of an agent: {_ELSEWHERE}")
    for stage in plan.stages:
        for number in range(layout.counts[stage.source]):
            if await log.committed(stage.group, TopicPartition(stage.source, number)):
                raise Misconfigured(f"the group {stage.group} has offsets: {_ELSEWHERE}")
