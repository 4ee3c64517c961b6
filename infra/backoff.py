"""The policy for restarting a process that failed, without processes or clocks."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with a limit on recent failures.

    Attributes:
        first_seconds: The delay after a first failure.
        factor: Each further failure multiplies the delay by this factor.
        max_seconds: The longest delay.
        max_failures: More failures than this within the window mean that restarting does not help.
        window_seconds: Older failures are forgotten, so a process that ran well starts afresh.
    """

    first_seconds: float = 0.5
    factor: float = 2.0
    max_seconds: float = 15.0
    max_failures: int = 20
    window_seconds: float = 300.0


class Restart(NamedTuple):
    """The decision to start the process again after ``delay`` seconds."""

    delay: float


class GiveUp(NamedTuple):
    """The decision not to start the process again."""


Failures = tuple[float, ...]
"""The times of a process's recent failures, in seconds of one clock, oldest first."""


def after_failure(
    rule: Backoff, failures: Failures, now: float
) -> tuple[Failures, Restart | GiveUp]:
    """Decide what to do after one more failure; return the failures to remember as well.

    >>> rule = Backoff(first_seconds=1, max_seconds=3, max_failures=3, window_seconds=60)
    >>> failures, verdict = after_failure(rule, (), 0)
    >>> verdict
    Restart(delay=1.0)
    >>> after_failure(rule, (0, 5, 6), 7)[1]
    GiveUp()
    """
    recent = (*(time for time in failures if now - time < rule.window_seconds), now)
    if len(recent) > rule.max_failures:
        return recent, GiveUp()

    # The exponent is bounded because 2.0 ** 1024 raises OverflowError.
    delay = rule.first_seconds * rule.factor ** min(len(recent) - 1, 64)
    return recent, Restart(float(min(delay, rule.max_seconds)))
