#!/bin/sh
# To simhash "S&P 500 -1.2%" and "S&P 500 +1.2%" are one headline, and so are "$1.5B" and "$15B".
#
# Version: simhash 2.1.2.
# One would guess: near-duplicates are a few bits apart, and only the very same text is at distance 0.
# What happens: before Simhash cuts a text into pieces of four characters it keeps only letters, digits and underscores
# and joins them: signs, decimal points, percent and currency go. So headlines that say the opposite, or ten times as
# much, have the very same hash, while a comma more than nothing is a comma less. "25 basis points" and "75" are told
# apart, so a test with whole numbers shows nothing.
# Who is hurt: whoever drops near-duplicates by a distance of three bits, the usual bound, or even of zero. The
# correction that moves a decimal point, and the fall after the rise, are dropped as copies.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check simhash==2.1.2
"$dir/venv/bin/python" - <<'PY'
from simhash import Simhash

SAME = [
    ("S&P 500 -1.2%", "S&P 500 +1.2%"),
    ("Shell: profit up 3.5%", "Shell: profit up 35%"),
    ("Boeing wins order of $1.5B", "Boeing wins order of $15B"),
    ("US CPI 3.4% against 3.1% expected", "US CPI 34% against 31% expected"),
]
DIFFERENT = [
    ("Fed raises rates by 25 basis points", "Fed raises rates by 75 basis points"),
    ("Shell raises its dividend", "Shell cuts its dividend"),
]


def distance(one: str, other: str) -> int:
    """Print and return in how many of 64 bits two headlines differ."""
    bits = Simhash(one).distance(Simhash(other))
    print(f"{bits:2} bits: {one!r} and {other!r}")
    return bits


assert all([distance(*pair) == 0 for pair in SAME]), "signs and points count now"
assert all([distance(*pair) > 3 for pair in DIFFERENT])
PY
