#!/bin/sh
# One volume in the wrong unit, and river's rolling variance is wrong for ever, and negative for some.
#
# Versions: river 0.26.1; polars 2.1.0 beside it, which is right.
# One would guess: a rolling window of 20 forgets what left it 20 values ago; river's variance is Welford's, the method
# that is chosen because it does not lose digits.
# What happens: what leaves the window is subtracted again. 1e9 among numbers around 100 has a square of 1e18, beside
# which a double keeps steps of 128; what was rounded away then is missing after the subtraction, and nothing adds the
# window up anew. The variance of a window of ordinary numbers, 1, is -13 or 20 instead, also 949 values later.
# No error; the square root of a negative one raises in math and is nan in numpy. By calendar (TimeRolling) it is the
# same.
# Who is hurt: whoever asks how unusual a volume is by its distance in standard deviations. After one typing error each
# surge is a quarter of what it was, or there is no deviation to divide by, and a restart heals it, so nobody finds it.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check river==0.26.1 polars==2.1.0
"$dir/venv/bin/python" - <<'PY'
import random
import statistics
from datetime import datetime, timedelta

import polars
from river import stats, utils

WINDOW, WRONG = 20, 50
OPENING = datetime(2026, 11, 2, 9, 30)


def volumes(seed: int, wrong: float | None) -> list[float]:
    """Return a thousand volumes around 100, of which one may be in the wrong unit."""
    rng = random.Random(seed)
    values = [rng.gauss(100, 1) for _ in range(1000)]
    if wrong is not None:
        values[WRONG] = wrong
    return values


def variances(values: list[float]) -> dict[str, float]:
    """Return the variance of the last window as each of them has it."""
    rolling = utils.Rolling(stats.Var, window_size=WINDOW)
    by_time = utils.TimeRolling(stats.Var, period=timedelta(minutes=WINDOW))
    for number, value in enumerate(values):
        rolling.update(value)
        by_time.update(value, t=OPENING + timedelta(minutes=number))
    return {
        "exact": statistics.variance(values[-WINDOW:]),
        "river": rolling.get(),
        "by time": by_time.get(),
        "polars": polars.Series(values).rolling_var(WINDOW)[-1],
    }


below_zero = 0
for seed in range(6):
    for wrong in (None, 1e9):
        result = variances(volumes(seed, wrong))
        print(f"seed {seed}, {'one of 1e9' if wrong else 'all are right':13}",
              ", ".join(f"{name} {variance:.2f}" for name, variance in result.items()))
        assert abs(result["polars"] - result["exact"]) < 1e-6, "polars is wrong too"
        for name in ("river", "by time"):
            away = abs(result[name] - result["exact"])
            assert (away > 0.1) == bool(wrong), f"{name} is {away} away now"
        below_zero += result["river"] < 0
print(f"{below_zero} of 6 variances are negative 949 values after the wrong one")
assert below_zero > 0, "no variance is negative now"
PY
