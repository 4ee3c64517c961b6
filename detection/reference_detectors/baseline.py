"""The detectors that people use otherwise, by name, with the settings that they are used with."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Final, NamedTuple, Protocol

from detection.reference_detectors.adwin import Adwin
from detection.reference_detectors.ewma import Ewma
from detection.reference_detectors.fixed import Fixed
from detection.reference_detectors.page_hinkley import PageHinkley
from detection.reference_detectors.poisson import Poisson
from detection.reference_detectors.rolling_robust_z import RobustZ


class Score(Protocol):
    """A detector of one series whose state does not depend on its threshold."""

    def score(self, value: float) -> float:
        """Take the next bin's value; how alarming it is, to be held against the threshold."""
        ...


class Step(Protocol):
    """A detector of one series that starts anew after an alarm, so that its threshold matters."""

    def step(self, value: float) -> bool:
        """Take the next bin's value; whether that is alarming."""
        ...


class ReferenceDetector(NamedTuple):
    """A kind of detector with one threshold.

    ``usual`` is the threshold that textbooks or the library suggest; between ``least`` and
    ``most`` it may be tuned. It has a ``score`` made from the memory in bins, or else a ``step``
    made from threshold and memory.
    """

    name: str
    usual: float
    least: float
    most: float
    score: Callable[[int], Score] | None = None
    step: Callable[[float, int], Step] | None = None
    library: str | None = None

    @property
    def there(self) -> bool:
        """Whether the library that it needs is installed."""
        return self.library is None or find_spec(self.library) is not None


def _fixed(memory: int) -> Score:  # noqa: ARG001 - it remembers nothing
    return Fixed()


_BOUNDS: Final = (0.05, 1e4)
REFERENCE_DETECTORS: Final = (
    ReferenceDetector("fixed threshold", 10.0, 0.05, 1e7, _fixed),
    ReferenceDetector("EWMA control chart", 3.0, *_BOUNDS, Ewma),
    ReferenceDetector("rolling robust z", 3.5, *_BOUNDS, RobustZ),
    ReferenceDetector("Page-Hinkley", 10.0, *_BOUNDS, step=PageHinkley, library="river"),
    ReferenceDetector("ADWIN", 2.7, 0.05, 300.0, step=Adwin, library="river"),
    ReferenceDetector("Poisson", 4.0, *_BOUNDS, Poisson),
)
