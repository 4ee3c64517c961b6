"""The level at which an alert is a discovery."""

from math import exp

import pytest

from detection.evidence.online_fdr import FALSE_DISCOVERY_RATE, OnlineFdr


def test_the_first_alert_gets_a_twentieth_of_the_budget() -> None:
    """The first alerts would be discoveries too easily, or never."""
    assert exp(-OnlineFdr().next_level()) == pytest.approx(0.05 * FALSE_DISCOVERY_RATE)


def test_discoveries_make_further_ones_easier() -> None:
    """In a crisis the tenth true alert would be as hard to prove as the first."""
    quiet, crisis = OnlineFdr(), OnlineFdr(discoveries=10.0)
    assert crisis.next_level() < quiet.next_level()


def test_many_alerts_without_a_discovery_do_not_close_the_door() -> None:
    """After some hundred false alarms nothing could be proven any more."""
    test = OnlineFdr()
    levels = [test.next_level() for _ in range(2000)]
    assert levels == sorted(levels)
    assert levels[-1] < 8.0


def test_old_discoveries_are_forgotten() -> None:
    """A crisis ten years ago would make discoveries of ordinary alerts."""
    test = OnlineFdr(discoveries=50.0)
    for _ in range(1000):
        level = test.next_level()
    assert level == pytest.approx(OnlineFdr(*_settled()).next_level(), rel=0.05)


def _settled() -> tuple[float, float]:
    test = OnlineFdr()
    for _ in range(1000):
        test.next_level()
    return test.spent, test.discoveries
