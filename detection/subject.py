"""What the detector remembers of one subject."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson

from detection.telling import Telling


@dataclass(slots=True)
class Subject:
    """Times are numbers of bins, see `detection.grid`. ``since`` is set while an alert fires."""

    name: str
    seen: int
    open: float = 0.0
    open_negative: float = 0.0
    rate: float = 0.0
    exposure: float = 0.0
    share: float = 0.0
    mass: float = 0.0
    statistic: float = 0.0
    onset: int = 0
    volume: float = 0.0
    expected: float = 0.0
    negative: float = 0.0
    signals: int = 0
    stories: int = 0
    sources: list[str] = field(default_factory=list)
    since: int | None = None
    calm: int = 0
    severity: int = 0
    model: str = ""
    recent: list[int] = field(default_factory=list)
    headlines: list[Telling] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """JSON."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Undo `to_bytes`."""
        fields: dict[str, Any] = orjson.loads(data)
        fields["headlines"] = _headlines(fields["headlines"])
        return cls(**fields)


def _headlines(found: Iterable[list[Any]]) -> list[Telling]:
    return [Telling(*one) for one in found]
