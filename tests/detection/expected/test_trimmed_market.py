"""The market without its strongest subjects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence.decayed_window import DecayedWindow
from detection.expected.market_adjustment import NO_MARKET, adjust_for_market
from detection.expected.trimmed_market import DOMINANT_SUBJECTS, TrimmedMarket, trim

CALM = DecayedWindow(4.0, 1.2, 4.0, 1.2, 0.6)
BUSY = DecayedWindow(40.0, 30.0, 4.0, 1.2, 0.6)


def together(windows: dict[str, DecayedWindow]) -> DecayedWindow:
    """Return the window of the market that consists of these."""
    names = DecayedWindow.__slots__
    return DecayedWindow(
        *(sum(getattr(window, name) for window in windows.values()) for name in names)
    )


def market(busy: int, calm: int) -> tuple[TrimmedMarket, dict[str, DecayedWindow]]:
    """Return a market of busy subjects (B0, B1, ...) and calm ones (C0, C1, ...)."""
    windows = {f"B{number}": BUSY for number in range(busy)}
    windows |= {f"C{number}": CALM for number in range(calm)}
    return trim(together(windows), windows.items()), windows


@pytest.mark.parametrize("busy", [1, 2, DOMINANT_SUBJECTS])
def test_a_storm_over_a_few_is_no_move_of_the_market(busy: int) -> None:
    """A scandal of one large company, and the topics of its news, would be reported as a crash."""
    trimmed, _ = market(busy, 10)
    assert trimmed.window.effect < 1.1


def test_a_move_of_many_remains() -> None:
    """A crash would be reported as forty scandals."""
    trimmed, _ = market(8, 0)
    assert trimmed.window.negative == pytest.approx((8 - DOMINANT_SUBJECTS) * BUSY.negative)


def test_a_company_in_free_fall_is_not_compared_with_the_fall_of_others() -> None:
    """AIG would be expected to be dark, since Lehman was, and alert days late."""
    trimmed, windows = market(2, 20)
    for name in ("B0", "B1"):
        others = trimmed.others(name, windows[name])
        assert adjust_for_market(windows[name], others).expected == pytest.approx(1.2)


def test_the_own_news_is_no_part_of_the_others() -> None:
    """A company in a scandal would raise the bar for itself, and be missed."""
    trimmed, windows = market(DOMINANT_SUBJECTS + 1, 20)
    (left,) = {name for name in windows if name.startswith("B")} - set(trimmed.left_out)
    others = trimmed.others(left, windows[left])
    assert others.negative == pytest.approx(20 * CALM.negative)


def test_a_few_subjects_are_no_market() -> None:
    """In a feed of two companies every common move would be a crash."""
    trimmed, windows = market(2, 0)
    assert trimmed.window.negative == pytest.approx(0.0)
    assert trimmed.others("B0", windows["B0"]).baseline == pytest.approx(NO_MARKET.baseline)


def test_what_hardly_anything_is_expected_of_is_no_market() -> None:
    """In a feed of five subjects the market would seem to explode, as its forecast is not exact."""
    windows = {f"S{number}": CALM for number in range(5)}
    whole = together(windows)
    whole.baseline_negative -= 1.19
    assert trim(whole, windows.items()).window == DecayedWindow()


def test_the_bytes_are_read_as_they_were() -> None:
    """After a restart subjects would be compared with another market, and alert otherwise."""
    trimmed, _ = market(5, 7)
    assert TrimmedMarket.from_bytes(trimmed.to_bytes()) == trimmed
    assert TrimmedMarket.from_bytes(TrimmedMarket().to_bytes()) == TrimmedMarket()


@pytest.mark.property
@given(st.lists(st.floats(0.0, 100.0), max_size=12))
def test_the_order_of_the_subjects_decides_nothing(negatives: list[float]) -> None:
    """A replay, which may have the subjects in another order, would raise other alerts."""
    windows = {
        f"S{number}": DecayedWindow(100.0, negative, 4.0, 1.2, 0.6)
        for number, negative in enumerate(negatives)
    }
    whole = together(windows)
    backwards = dict(reversed(windows.items()))
    assert trim(whole, windows.items()) == trim(whole, backwards.items())
    assert len(trim(whole, windows.items()).left_out) == min(DOMINANT_SUBJECTS, len(windows))
