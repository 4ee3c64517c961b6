"""Batches that can't be read: each stops one partition, and is told with the way out."""

import structlog

from streams.core.errors import UnreadableBatch
from streams.core.record import TopicPartition
from streams.core.stage import AnyStage
from streams.monitoring.progress import Progress

_log = structlog.get_logger(__name__)


class UnreadableBatches:
    """The partitions of one stage that stand still before a batch. Any thread may use it."""

    def __init__(self, stage: AnyStage, progress: Progress) -> None:
        self._stage = stage
        self._progress = progress
        self._batches: dict[TopicPartition, UnreadableBatch] = {}

    def __contains__(self, source: object) -> bool:
        return source in self._batches

    def add(self, source: TopicPartition, batch: UnreadableBatch) -> None:
        """Log the batch, unless that was done, and wait for it from now on."""
        if source in self._batches and self._batches[source].begin == batch.begin:
            return
        self._batches[source] = batch
        remedy = f"newsquake topics skip {batch.topic} {batch.partition} {batch.begin} --reason …"
        _log.error(
            "a batch can't be read: its partition stands still, the others go on",
            agent=self._stage.name,
            topic=batch.topic,
            partition=batch.partition,
            offset=batch.begin,
            end=batch.end,
            problem=batch.problem,
            remedy=f"if it can't be mended, `{remedy}` sets it aside",
        )
        problem = f"{batch.problem}; or set it aside with `{remedy}`"
        what = f"the batch at offset {batch.begin} of {batch.topic}-{batch.partition}"
        self._progress.begin((self, source), what, batch.topic, problem=problem)

    def remove(self, source: TopicPartition) -> None:
        """Log that the batch could be read after all, if there was one."""
        if batch := self._batches.pop(source, None):
            self._progress.end((self, source))
            _log.info(
                "the batch can be read again",
                agent=self._stage.name,
                topic=batch.topic,
                partition=batch.partition,
                offset=batch.begin,
            )

    def keep(self, sources: "set[TopicPartition]") -> None:
        """Forget the partitions that are not among ``sources``: others hold them now."""
        for source in self._batches.keys() - sources:
            del self._batches[source]
            self._progress.end((self, source))
