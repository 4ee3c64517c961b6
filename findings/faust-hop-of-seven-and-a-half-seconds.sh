#!/bin/sh
# A Faust table over windows that hop by 7.5 s counts into windows that hop by 7 s, and reads others.
#
# Version: faust-streaming 0.15.3.
# One would guess: a window's size and step are seconds with a fraction, or a timedelta, as the types say; so eight
# windows of one minute, 7.5 s apart, hold each article, and the newest of them is what current() reads.
# What happens: ranges(), which says where a table counts an article, cuts step and start down to whole seconds;
# current(), which says what a table reads, does not. The two never meet: each count is read as 0, the article that was
# counted a moment ago included. A tumbling window of 1.5 s, "non-overlapping" by its description, counts two articles
# in three twice, and one of half a second raises ValueError at the first article. Nothing is said when the table is
# made.
# Who is hurt: whoever looks for surges of news by such a step: there never is one, and the agent runs on contentedly.
# With whole seconds all is right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check faust-streaming==0.15.3
"$dir/venv/bin/python" - <<'PY'
from collections import Counter
from datetime import timedelta

from faust.windows import HoppingWindow, TumblingWindow

OPENING = 1793611800.0  # 2 November 2026, 09:30 UTC
ARTICLES = [OPENING + second for second in range(600)]


def unseen(step: timedelta) -> int:
    """Return how many articles are in no window that is read right after them."""
    window = HoppingWindow(timedelta(minutes=1), step)
    counts: Counter[tuple[float, float]] = Counter()
    missing = 0
    for article in ARTICLES:
        counts.update(window.ranges(article))
        missing += counts[window.current(article)] == 0
    print(f"hopping by {step}: {missing} of {len(ARTICLES)} articles are read as 0")
    return missing


def twice(size: float) -> int:
    """Return how many articles lie in more than one tumbling window."""
    several = sum(len(TumblingWindow(size).ranges(article)) > 1 for article in ARTICLES)
    print(f"tumbling by {size} s: {several} of {len(ARTICLES)} articles are counted twice")
    return several


assert unseen(timedelta(seconds=7)) == 0
assert unseen(timedelta(seconds=8)) == 0
assert unseen(timedelta(seconds=7.5)) == len(ARTICLES), "current() reads what ranges() counts now"
assert twice(2.0) == 0
assert twice(1.5) == 400, "tumbling windows do not overlap now"
try:
    TumblingWindow(0.5).ranges(OPENING)
except ValueError as error:
    print("tumbling by 0.5 s:", error)
else:
    raise AssertionError("half a second is taken now")
PY
