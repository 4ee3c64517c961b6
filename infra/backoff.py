"""When a process that died is started again: the policy, without processes or clocks."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Backoff:
    """Wait ``first`` seconds, then ``factor`` times longer after each failure, at most ``longest``.

    Failures older than ``window`` seconds are forgiven, so a process that ran well begins anew;
    more than ``budget`` within it mean that starting it again does not help.
    """

    first: float = 0.5
    factor: float = 2.0
    longest: float = 15.0
    budget: int = 20
    window: float = 300.0


class Restart(NamedTuple):
    """Start it again after ``delay`` seconds."""

    delay: float


class GiveUp(NamedTuple):
    """Leave it dead."""


Failures = tuple[float, ...]
"""When a process failed lately, in seconds of one clock, oldest first."""


def after_failure(
    rule: Backoff, failures: Failures, now: float
) -> tuple[Failures, Restart | GiveUp]:
    """What to do after one more failure, and the failures to remember.

    >>> rule = Backoff(first=1, longest=3, budget=3, window=60)
    >>> failures, verdict = after_failure(rule, (), 0)
    >>> verdict
    Restart(delay=1.0)
    >>> after_failure(rule, (0, 5, 6), 7)[1]
    GiveUp()
    """
    recent = (*(at for at in failures if now - at < rule.window), now)
    if len(recent) > rule.budget:
        return recent, GiveUp()
    # The exponent is bounded, since 2.0 ** 1024 is an error and not just large.
    delay = rule.first * rule.factor ** min(len(recent) - 1, 64)
    return recent, Restart(float(min(delay, rule.longest)))
