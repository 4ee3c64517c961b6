"""The market without its four strongest subjects: what the others have in common.

A company in free fall is news for the whole market. If it counted, the market would look as dark as
that company, and the next one to fall would be expected to. So the subjects that add most are left
out, as in a trimmed mean, both of what subjects are compared with and of the market's own evidence.
There are four of them, since news of a company is news of its topics as well: a storm over two
companies, or over one and its topics, is no move of the market.

>>> calm, storm = DecayedWindow(4.0, 1.2, 4.0, 1.2, 0.6), DecayedWindow(40.0, 30.0, 4.0, 1.2, 0.6)
>>> whole = DecayedWindow(172.0, 123.6, 28.0, 8.4, 4.2)
>>> windows = {"A": calm, "B": calm, "C": calm} | dict.fromkeys("WXYZ", storm)
>>> market = trim(whole, windows.items())
>>> sorted(market.left_out), round(market.window.negative, 1), market.window.baseline
(['W', 'X', 'Y', 'Z'], 3.6, 12.0)
>>> market.others("Z", storm) is market.window, market.others("A", calm).baseline
(True, 8.0)
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final, Self

import orjson

from detection.bins import ratio
from detection.evidence.decayed_window import DecayedWindow
from detection.state_codec import NumberCodec

DOMINANT_SUBJECTS: Final = 4
"""Number of subjects that are left out."""
MIN_SHARE_LEFT: Final = 0.1
"""Share of the market's expected news below which what is left is no market: the market's forecast
and those of its subjects do not add up so exactly."""
_CANDIDATES: Final = 8
"""Number of strong subjects that are remembered, since one may be without news for a bin."""


@dataclass(slots=True)
class TrimmedMarket:
    """The market at the end of a bin, without its strongest subjects.

    Attributes:
        window: sums of the subjects that are left.
        strongest: names of the subjects that add most, strongest first; the first
            `DOMINANT_SUBJECTS` are left out.
    """

    window: DecayedWindow = field(default_factory=DecayedWindow)
    strongest: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of the subjects that are not in the window."""
        return self.strongest[:DOMINANT_SUBJECTS]

    def others(self, name: str, window: DecayedWindow) -> DecayedWindow:
        """Return the sums of the subjects that are left without this one, whose window it is."""
        return self.window if name in self.left_out else self.window.without(window)

    def to_bytes(self) -> bytes:
        """Return the names as JSON, a line feed and the numbers."""
        return orjson.dumps(self.strongest) + b"\n" + _CODEC.pack(self.window)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the market that `to_bytes` wrote."""
        names, _, numbers = data.partition(b"\n")
        market = cls(strongest=tuple(orjson.loads(names)))
        _CODEC.unpack_into(market.window, numbers)
        return market


def trim(market: DecayedWindow, windows: Iterable[tuple[str, DecayedWindow]]) -> TrimmedMarket:
    """Return the market without the strongest of the subjects, whose ``windows`` these are."""
    ranked = nlargest(_CANDIDATES, windows, key=lambda row: (row[1].surplus, row[0]))
    left = market
    for _, window in ranked[:DOMINANT_SUBJECTS]:
        left = left.without(window)
    share = min(
        ratio(left.baseline, market.baseline),
        ratio(left.baseline_negative, market.baseline_negative),
    )
    if share < MIN_SHARE_LEFT:
        left = DecayedWindow()
    return TrimmedMarket(left, tuple(name for name, _ in ranked))


_CODEC: Final = NumberCodec.of(DecayedWindow())
