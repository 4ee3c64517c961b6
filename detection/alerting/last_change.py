"""The last change of an alert that was told: one that goes on is told anew, though not often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from detection.alerting.alert_state import NEVER
from detection.stories.simhash import fingerprint, is_same_story
from schemas.alert import Headline

_HALF: Final = 1 << 32
"""A fingerprint has 64 bits, and a number of the state holds 53 without loss."""


@dataclass(slots=True)
class LastChange:
    """When an alert was last told, and by which headline it was led.

    Attributes:
        bin: the bin of the change.
        high: the upper half of the fingerprint of its leading headline; 0 if it had none.
        low: the lower half.
    """

    bin: int = NEVER
    high: int = 0
    low: int = 0

    def note(self, number: int, headlines: Sequence[Headline]) -> None:
        """Remember that the alert was told in a bin, with these headlines."""
        self.bin = number
        self.high, self.low = divmod(_leading(headlines), _HALF)

    def is_news(self, headlines: Sequence[Headline]) -> bool:
        """Return whether a headline of another story leads than when the alert was last told.

        >>> from datetime import UTC, datetime
        >>> one, other = (
        ...     Headline(key=text, text=text, published=datetime.now(UTC), negative=0.9)
        ...     for text in ("Acme sinks on fraud charges", "Regulator closes the Acme plant")
        ... )
        >>> change = LastChange()
        >>> change.note(7, [one])
        >>> change.is_news([one]), change.is_news([other, one])
        (False, True)
        """
        last = self.high * _HALF + self.low
        return bool(headlines) and not is_same_story(last, _leading(headlines))


def _leading(headlines: Sequence[Headline]) -> int:
    return fingerprint(headlines[0].text) if headlines else 0
