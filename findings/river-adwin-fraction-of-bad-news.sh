#!/bin/sh
# ADWIN sees bad news quadruple when it is given in percent, and never when it is given as a fraction.
#
# Version: river 0.26.1.
# One would guess: a test for a change of the mean does not depend on the unit; if it does, then on numbers between 0
# and 1, the range for which ADWIN's bound is proved, it is at its best.
# What happens: the share of bad news goes from 3 in 1000 to 12 in 1000 and stays there. In per mille or percent ADWIN
# says so 16 bins later. As a fraction, 0.003 to 0.012, it says nothing in the 1000 bins that follow: one term of the
# bound shrinks with the variance, the other is absolute, for a number that may be as large as 1. The same for all of
# five seeds.
# Who is hurt: whoever watches a share or a probability that is small, as the rate of an alarm or of dead letters is:
# the detector is silent and looks careful. Whoever leaves the unit interval gets the detection, but has no proof of
# how rare false alarms are.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check river==0.26.1 numpy==2.4.6
"$dir/venv/bin/python" - <<'PY'
import numpy
from river.drift import ADWIN

CHANGE = 2000
UNITS = {"per mille": 1.0, "percent": 0.1, "fraction": 0.001}


def bins_until_seen(bad_of_1000: numpy.ndarray, unit: float) -> list[int]:
    """Return how many bins after the change each drift was reported."""
    detector = ADWIN()
    seen = []
    for position, bad in enumerate(bad_of_1000):
        detector.update(float(bad) * unit)
        if detector.drift_detected:
            seen.append(position - CHANGE + 1)
    return seen


for seed in range(5):
    random = numpy.random.default_rng(seed)
    bad_of_1000 = numpy.concatenate([random.poisson(3, CHANGE), random.poisson(12, 1000)])
    seen = {name: bins_until_seen(bad_of_1000, unit) for name, unit in UNITS.items()}
    print(f"seed {seed}: drift seen after", ", ".join(f"{bins or 'never'} ({name})" for name, bins in seen.items()))
    assert seen["per mille"] == seen["percent"] == [16], seen
    assert seen["fraction"] == [], "the fraction is seen to drift now"
PY
