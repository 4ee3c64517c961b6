"""How records flow: rates, the time that they take, and dead letters by reason."""

from collections import Counter, deque
from statistics import quantiles
from typing import Final, NamedTuple

RATE_SECONDS: Final = 120
"""Seconds of which rates are remembered."""
DAY_SECONDS: Final = 86_400
MAX_DELAYS: Final = 2_000
"""Latest delays that are remembered of each agent."""
MAX_LETTERS: Final = 200
"""Latest dead letters that are shown one by one."""


class Letter(NamedTuple):
    """One dead letter.

    Attributes:
        written: Milliseconds since the epoch at which it was written.
        stage: The agent that set it aside.
        reason: The stable code of the reason.
        message: The reason in words.
        origin: Topic, partition and offset of the original.
        place: Partition and offset of the dead letter.
    """

    written: int
    stage: str
    reason: str
    message: str
    origin: str
    place: str


class Delay(NamedTuple):
    """Milliseconds from sending to writing: of half of the records, and of all but one in 100."""

    median: float
    p99: float


class Flow:
    """Counts by the second, from the timestamps of records."""

    def __init__(self) -> None:
        self.letters: deque[Letter] = deque(maxlen=MAX_LETTERS)
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.records: Counter[str] = Counter()
        self._seconds: dict[str, Counter[int]] = {}
        self._delays: dict[str, deque[tuple[int, int]]] = {}

    def count(self, topic: str, written: int) -> None:
        """Count a record of ``topic`` that was written at a time in milliseconds."""
        self.records[topic] += 1
        seconds, second = self._seconds.setdefault(topic, Counter()), written // 1000
        seconds[second] += 1
        if len(seconds) > RATE_SECONDS:
            del seconds[min(seconds)]

    def add_delay(self, agent: str, sent: int, written: int) -> None:
        """Add the time that a record took from its producer to what ``agent`` wrote of it."""
        delays = self._delays.setdefault(agent, deque(maxlen=MAX_DELAYS))
        delays.append((written, max(0, written - sent)))

    def add_letter(self, letter: Letter) -> None:
        """Count a dead letter."""
        self.letters.append(letter)
        self.reasons[letter.stage, letter.reason] += 1

    def rates(self, topic: str, now: int) -> list[int]:
        """Return the records of each of the last `RATE_SECONDS` before ``now``, a Unix time."""
        seconds = self._seconds.get(topic, Counter())
        return [seconds[second] for second in range(now - RATE_SECONDS, now)]

    def delay(self, agent: str, now: int, seconds: int = RATE_SECONDS) -> Delay | None:
        """Return the delays of the last ``seconds``; None if there was no record."""
        since = (now - seconds) * 1000
        recent = [took for written, took in self._delays.get(agent, ()) if written >= since]
        if not recent:
            return None
        cuts = quantiles(recent, n=100) if len(recent) > 1 else [float(recent[0])] * 99
        return Delay(cuts[49], cuts[98])
