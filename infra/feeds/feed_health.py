"""The health of a process that follows feeds or a folder."""

from dataclasses import dataclass

from infra.feeds.report import Report
from infra.worker_health import ProcessHealth


@dataclass(slots=True)
class FeedHealth(ProcessHealth):
    """Lives while its event loop turns; is ready while its feeds and Kafka answer.

    Attributes:
        report: Knows how the feeds fare.
    """

    report: Report

    async def obstacles(self) -> list[str]:
        """Return a sentence for each feed that failed several times in a row, and for Kafka."""
        return [*self.report.ready(), *await ProcessHealth.obstacles(self)]
