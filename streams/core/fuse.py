"""The fuse: a bad deploy must not drain a topic into the dead letters."""

from collections import deque
from dataclasses import dataclass, field

from streams.core.errors import FuseBlown


@dataclass(slots=True)
class Fuse:
    """Blows if, of the last ``window`` records, more than ``share`` were rejected.

    It blows only once a window is full: a handful of bad records at the start proves nothing.
    A ``share`` of 1 never blows.

    >>> fuse = Fuse(share=0.5, window=10)
    >>> fuse.count(records=6, rejected=0)
    >>> fuse.count(records=6, rejected=6)
    >>> fuse.count(records=6, rejected=6)
    Traceback (most recent call last):
    ...
    streams.core.errors.FuseBlown: 12 of the last 12 records were rejected, ...

    Attributes:
        share: The share of rejected records that is still allowed, above 0 and up to 1.
        window: The number of records that are looked at.
    """

    share: float
    window: int
    _counts: deque[tuple[int, int]] = field(default_factory=deque)
    _records: int = 0
    _rejected: int = 0

    def count(self, records: int, rejected: int) -> None:
        """Add a batch of ``records``, of which ``rejected`` were rejected.

        Raises:
            FuseBlown: Too large a share of the window was rejected.
        """
        self._counts.append((records, rejected))
        self._records += records
        self._rejected += rejected

        # Whole batches leave the window, as long as those that stay still fill it.
        while self._records - self._counts[0][0] >= self.window:
            oldest_records, oldest_rejected = self._counts.popleft()
            self._records -= oldest_records
            self._rejected -= oldest_rejected

        if self._records >= self.window and self._rejected > self.share * self._records:
            raise FuseBlown(
                f"{self._rejected} of the last {self._records} records were rejected, more than "
                f"the fuse allows ({self.share:.0%}): nothing of the last batch was committed. "
                "Look at the dead letters with `newsquake watch dead`, mend the producer or the "
                "deployment, then start the worker again"
            )
