"""For how long a partition has been silent while somebody listened."""

from dataclasses import dataclass


@dataclass(slots=True)
class Silence:
    """``seconds`` of the wall clock since the last record; time that nobody listened is none.

    So a log that is read again, however late, is not taken for one that has fallen silent.
    """

    seconds: float = 0.0
    _wall: int | None = None

    def end(self, wall: int) -> None:
        """Records were read at ``wall``, in milliseconds."""
        self.seconds = 0.0
        self._wall = wall

    def last(self, wall: int) -> float:
        """No record came until ``wall`` (milliseconds); the ``seconds`` so far."""
        if self._wall is not None:
            self.seconds += max(0, wall - self._wall) / 1000
        self._wall = wall
        return self.seconds
