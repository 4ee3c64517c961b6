"""Detectors in common use, by name, with the settings that are usual for them."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Final, NamedTuple, Protocol

from detection.reference_detectors.adwin import Adwin
from detection.reference_detectors.ewma import Ewma
from detection.reference_detectors.fixed import Fixed
from detection.reference_detectors.page_hinkley import PageHinkley
from detection.reference_detectors.poisson import Poisson
from detection.reference_detectors.rolling_robust_z import RollingRobustZ


class Scorer(Protocol):
    """A detector of one series whose state does not depend on its threshold."""

    def score(self, value: float) -> float:
        """Count the value of the next bin and return its score; from the threshold on, an alarm."""
        ...


class Stepper(Protocol):
    """A detector of one series that starts anew after an alarm, so its threshold is fixed."""

    def step(self, value: float) -> bool:
        """Count the value of the next bin and return whether it raises an alarm."""
        ...


class ReferenceDetector(NamedTuple):
    """A kind of detector with one threshold. It has either a ``scorer`` or a ``stepper``.

    Attributes:
        name: Name in tables.
        default_threshold: Threshold that textbooks or the library suggest.
        min_threshold: Lower bound when the threshold is tuned.
        max_threshold: Upper bound when the threshold is tuned.
        scorer: Makes a detector from its memory in bins.
        stepper: Makes a detector from its threshold and its memory in bins.
        library: Package that the detector needs, if any.
    """

    name: str
    default_threshold: float
    min_threshold: float
    max_threshold: float
    scorer: Callable[[int], Scorer] | None = None
    stepper: Callable[[float, int], Stepper] | None = None
    library: str | None = None

    @property
    def is_available(self) -> bool:
        """Return whether the library that it needs is installed."""
        return self.library is None or find_spec(self.library) is not None


_BOUNDS: Final = (0.05, 1e4)
REFERENCE_DETECTORS: Final = (
    ReferenceDetector("fixed threshold", 10.0, 0.05, 1e7, lambda _memory: Fixed()),
    ReferenceDetector("EWMA control chart", 3.0, *_BOUNDS, Ewma),
    ReferenceDetector("rolling robust z", 3.5, *_BOUNDS, RollingRobustZ),
    ReferenceDetector("Page-Hinkley", 10.0, *_BOUNDS, stepper=PageHinkley, library="river"),
    ReferenceDetector("ADWIN", 2.7, 0.05, 300.0, stepper=Adwin, library="river"),
    ReferenceDetector("Poisson", 4.0, *_BOUNDS, Poisson),
)
