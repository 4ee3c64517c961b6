#!/bin/sh
# pandas_market_calendars has Hong Kong twice: HKEX trades until four on Christmas Eve, XHKG only until noon.
#
# Version: pandas_market_calendars 5.5.0 with exchange_calendars 4.13.2 and pandas 3.0.1.
# One would guess: "HKEX" and "XHKG", or "ASX" and "XASX", are two names of one exchange; for New York, London, Tokyo
# and Toronto they are.
# What happens: the names by MIC come from exchange_calendars, the others are its own, and they have drifted apart.
# HKEX knows none of the half days of these years: Christmas Eve, New Year's Eve and the eve of the lunar new year go on
# all afternoon, and it is open on 6 September 2024, when a typhoon kept Hong Kong shut. ASX closes ten minutes after
# XASX on all but four days.
# Who is hurt: whoever asks whether news came while the market was open. News at two in the afternoon of Christmas Eve
# is laid to a session that was over, and a join of two sources by their session's end loses all of Sydney.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check \
    pandas_market_calendars==5.5.0 exchange_calendars==4.13.2 pandas==3.0.1
"$dir/venv/bin/python" -W ignore - <<'PY'
from datetime import date

import pandas_market_calendars as markets

FIRST, LAST = "2024-01-01", "2026-11-27"


def closes(name: str) -> dict[date, str]:
    """Return when each session of the calendar ends, in UTC."""
    sessions = markets.get_calendar(name).schedule(FIRST, LAST)
    return {day.date(): close.strftime("%H:%M") for day, close in sessions["market_close"].items()}


def compare(mic: str, name: str) -> tuple[set[date], list[date]]:
    """Return the days that only ``name`` has, and those on which the two end apart."""
    one, other = closes(mic), closes(name)
    apart = [day for day in one if day in other and one[day] != other[day]]
    print(f"{name:5} and {mic}: {len(apart):3} of {len(one)} closes differ; only {name} is open on:",
          ", ".join(map(str, sorted(other.keys() - one.keys()))) or "no day")
    for day in apart[-3:]:
        print(f"      {day}: {name} ends {other[day]}, {mic} {one[day]} UTC")
    return other.keys() - one.keys(), apart


for mic, name in {"XNYS": "NYSE", "XLON": "LSE", "XTKS": "JPX", "XTSE": "TSX"}.items():
    assert compare(mic, name) == (set(), [])
extra, half_days = compare("XHKG", "HKEX")
assert date(2024, 9, 6) in extra, "HKEX knows the typhoon now"
assert date(2025, 12, 24) in half_days, "HKEX knows the half day now"
_, sydney = compare("XASX", "ASX")
assert len(sydney) > 700, "the two of Sydney agree now"
PY
