"""Reference detectors of river, which start anew after an alarm."""

import pytest

from detection.reference_detectors.adwin import Adwin
from detection.reference_detectors.page_hinkley import PageHinkley

CALM = [2.0, 3.0, 2.0, 1.0] * 20
EACH = pytest.mark.parametrize(("kind", "threshold"), [(PageHinkley, 8.0), (Adwin, 2.0)])


def alarms(detector: PageHinkley | Adwin, values: list[float]) -> list[int]:
    """Return the indexes of the values that raise an alarm."""
    return [index for index, value in enumerate(values) if detector.step(value)]


@EACH
def test_only_an_increase_is_alarming(kind: type[PageHinkley | Adwin], threshold: float) -> None:
    """A company that falls out of the news would raise an alert."""
    rising = alarms(kind(threshold, 40), [*CALM, *[12.0] * 10])
    assert rising
    assert rising[0] >= len(CALM)
    assert alarms(kind(threshold, 40), [*[12.0] * 80, *CALM]) == []


@EACH
def test_a_higher_threshold_is_never_earlier(
    kind: type[PageHinkley | Adwin], threshold: float
) -> None:
    """Tuning would search in the wrong direction."""
    values = [*CALM, *[12.0] * 40]
    first = [alarms(kind(factor * threshold, 40), values)[:1] for factor in (0.5, 1.0, 2.0)]
    assert first[0] <= first[1] <= first[2] != []


def test_page_hinkley_waits_for_a_quarter_of_its_memory() -> None:
    """A new subject would alarm with its first headlines."""
    values = [*[2.0] * 20, *[9.0] * 60]
    assert alarms(PageHinkley(2.0, memory=40), values)[0] == 20
    assert alarms(PageHinkley(2.0, memory=200), values)[0] == 49


def test_adwin_checks_every_value() -> None:
    """With river's default of every 32nd value an alert would be a week late."""
    first = alarms(Adwin(2.0, 40), [*CALM, *[30.0] * 20])[0]
    assert first - len(CALM) < 5
