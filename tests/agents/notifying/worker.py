"""The agent `notify` with a log of its own, a clock, and a courier whose receivers obey the test.

It may be killed between any two lines that matter: before and after a commit, while something is
under way, and after it arrived.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from agents.notify import Notify
from agents.notifying.courier import Courier
from agents.notifying.notice import Delivery
from agents.notifying.retrying import DELIVERED, Outcome
from agents.notifying.routes import NotifySettings
from agents.notifying.settling import Report
from agents.silencing.silence_message import silence_message
from agents.silencing.silence_table import SilenceTable
from schemas.alert import Alert
from schemas.channels import SILENCES
from schemas.silence import Silence
from streams.core.handler import Batch, Decision, Rejection
from streams.core.record import Stored
from streams.testing.memory_log import MemoryLog

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
START = round(datetime(2026, 3, 3, 12, tzinfo=UTC).timestamp() * SECOND)
Answer = Callable[[Delivery], Outcome]


class SlowCourier:
    """Sends nothing until the test says so; what is under way dies with the process."""

    def __init__(self) -> None:
        self.under_way: list[Delivery] = []
        self._reports: list[Report] = []

    def send(self, deliveries: Sequence[Delivery]) -> None:
        """See `Courier`."""
        self.under_way += deliveries

    def reports(self, partition: int) -> list[Report]:
        """See `Courier`."""
        reports, self._reports = self._reports, []
        return reports

    def arrive(self, answer: Answer) -> list[Delivery]:
        """Let everything under way arrive; return what the receivers took."""
        sent, self.under_way = self.under_way, []
        reports = [Report(delivery, answer(delivery)) for delivery in sent]
        self._reports += reports
        return [report.delivery for report in reports if report.outcome == DELIVERED]


class Worker:
    """The agent, killed and started again at will.

    Attributes:
        received: All that the receivers took, in order.
        rejections: What was set aside.
    """

    def __init__(
        self, settings: NotifySettings, make_courier: Callable[[], Courier] | None = None
    ) -> None:
        self.settings = settings
        self._make_courier = make_courier
        self.silences = MemoryLog(partitions=1)
        self.now = START
        self.received: list[Delivery] = []
        self.rejections: list[Rejection] = []
        self._log: list[Stored] = []
        self._changelog: dict[bytes, bytes] = {}
        self._committed = 0
        self.kill()

    def kill(self) -> None:
        """End the process and start another, which knows what was committed."""
        self.courier = SlowCourier()
        courier = self._make_courier() if self._make_courier else self.courier
        self._handler = Notify(
            "alerts", self.settings, courier, SilenceTable(self.silences, SILENCES.topic)
        )
        self.memory = self._handler.recall(0, list(self._changelog.items()))
        self._position = self._committed

    def say(self, *silences: Silence) -> None:
        """Write silences and acknowledgements."""
        self.silences.append([silence_message(SILENCES.topic, each) for each in silences])

    def write(self, alert: Alert, *more: tuple[str, bytes]) -> None:
        """Write an alert to the topic, with ``more`` headers."""
        value, offset = alert.to_bytes(), len(self._log)
        headers = (("ce_id", alert.event_id.encode()), *more)
        key = alert.subject.encode()
        self._log.append(Stored("alerts", 0, offset, self.now, key, value, headers))

    async def decide(self) -> Decision:
        """Handle what is in the topic, or a tick."""
        records = self._log[self._position :]
        self._position = len(self._log)
        (decision,) = await self._handler.handle([Batch(0, records, self.memory, self.now)])
        return decision

    def commit(self, decision: Decision) -> None:
        """Commit a decision."""
        for key, value in decision.changes:
            self._changelog.pop(key, None)
            if value is not None:
                self._changelog[key] = value
        self._committed = self._position
        self.rejections += decision.rejections

    async def turn(self, answer: Answer = lambda _: DELIVERED, seconds: float = 1.0) -> list[str]:
        """Handle, commit, send, and let it arrive; return the keys of what was taken."""
        decision = await self.decide()
        self.commit(decision)
        if decision.after_commit:
            decision.after_commit()
        taken = self.arrive(answer)
        self.now += round(seconds * SECOND)
        return [delivery.key for delivery in taken]

    def arrive(self, answer: Answer = lambda _: DELIVERED) -> list[Delivery]:
        """Let what is under way arrive."""
        taken = self.courier.arrive(answer)
        self.received += taken
        return taken

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to tell."""
        return not any(state.notices for state in self.memory.routes.values())

    def heard(self) -> list[str]:
        """Return the ids of all notices that were taken, in order."""
        return [notice.id for delivery in self.received for notice in delivery.notices]
