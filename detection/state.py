"""What the detector remembers of one subject: a few numbers and its most telling headlines."""

from datetime import datetime
from typing import Any, Final, NamedTuple, Self

import orjson

MOST_HEADLINES: Final = 5
HEADLINE_BYTES: Final = 1_300
"""Bytes that the headlines of a state may take, keys included, so that it stays under 2 KB."""

_VERSION: Final = 1
_UNREADABLE: Final = "not a detector state of version 1: rebuild it by replaying the signals"


class Mass(NamedTuple):
    """Signals of an exponentially forgetting window.

    ``total`` is their effective number, ``negative`` their negative probabilities, added up.
    """

    total: float = 0.0
    negative: float = 0.0

    def aged(self, factor: float) -> "Mass":
        """Multiply both by ``factor``."""
        return Mass(self.total * factor, self.negative * factor)

    def plus(self, weight: float, negative: float) -> "Mass":
        """Add one signal of probability ``negative`` that counts ``weight``."""
        return Mass(self.total + weight, self.negative + weight * negative)


class Telling(NamedTuple):
    """A headline kept for the next alert. Ranks stay in order as time passes."""

    rank: float
    key: str
    text: str
    published: datetime
    negative: float


class State(NamedTuple):
    """One subject at event time ``time``.

    ``exposure`` is the discounted number of days that ``baseline`` has watched. ``onset`` is set
    while an alert fires. ``resting`` says that it has been resolved since ``time`` by `tick`.
    ``signals`` counts every signal ever seen.
    """

    subject: str
    time: datetime
    recent: Mass = Mass()
    baseline: Mass = Mass()
    exposure: float = 0.0
    signals: int = 0
    onset: datetime | None = None
    resting: bool = False
    model: str = ""
    headlines: tuple[Telling, ...] = ()

    def to_bytes(self) -> bytes:
        """JSON, under 2 KB for subjects of up to 200 bytes."""
        return orjson.dumps(
            {
                **self._asdict(),
                "version": _VERSION,
                "recent": list(self.recent),
                "baseline": list(self.baseline),
                "headlines": [list(headline) for headline in self.headlines],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Undo `to_bytes`.

        Raises:
            ValueError: ``data`` is not a state, or one of a version this code does not know.
        """
        fields = orjson.loads(data)
        if not isinstance(fields, dict) or fields.pop("version", None) != _VERSION:
            raise ValueError(_UNREADABLE)
        try:
            return cls(**fields | _parsed(fields))
        except (TypeError, ValueError, KeyError) as error:
            raise ValueError(_UNREADABLE) from error


def _parsed(fields: dict[str, Any]) -> dict[str, Any]:
    onset = fields["onset"]
    return {
        "time": datetime.fromisoformat(fields["time"]),
        "recent": Mass(*fields["recent"]),
        "baseline": Mass(*fields["baseline"]),
        "onset": datetime.fromisoformat(onset) if onset else None,
        "headlines": tuple(_telling(*kept) for kept in fields["headlines"]),
    }


def _telling(rank: float, key: str, text: str, published: str, negative: float) -> Telling:
    return Telling(rank, key, text, datetime.fromisoformat(published), negative)
