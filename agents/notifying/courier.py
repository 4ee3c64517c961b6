"""The edge of `notify`: whoever sends what is planned."""

from collections.abc import Sequence
from typing import Protocol

from agents.notifying.notice import Delivery
from agents.notifying.settling import Report


class Courier(Protocol):
    """Sends deliveries, each in a task of its own, and reports what became of them."""

    def send(self, deliveries: Sequence[Delivery]) -> None:
        """Start to send ``deliveries``; return at once."""

    def reports(self, partition: int) -> list[Report]:
        """Return the ends of deliveries of one partition since the last call."""
