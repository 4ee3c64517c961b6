#!/bin/sh
# dateparser reads "ET" as -05:00 in July, when New York is at -04:00.
#
# Versions: dateparser 1.5.0, tzdata 2026.6.
# One would guess: "8:30 a.m. ET, July 6, 2026", the way business wires date what they send, is 12:30 UTC. ET means
# the wall clock of New York, which keeps daylight saving time for eight months of the year.
# What happens: ET and PT are fixed offsets, those of winter. The result carries an offset and looks exact, but is an
# hour late from March to November. CT and MT, written the same way, give None instead.
# Who is hurt: whoever orders headlines by time or measures how long a price took to move: news from summer comes an
# hour after the trades that it caused. Tests that are written in winter pass.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check dateparser==1.5.0 tzdata==2026.6
"$dir/venv/bin/python" - <<'PY'
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dateparser

ZONES = {"ET": "America/New_York", "PT": "America/Los_Angeles"}


def late(text: str, name: str, clock: datetime) -> timedelta:
    """Print how ``text`` is read, and return how late that is."""
    read = dateparser.parse(text)
    error = read - clock.replace(tzinfo=ZoneInfo(ZONES[name]))
    print(f"{text:32} -> {read.isoformat()}   late by {error}")
    return error


for name in ZONES:
    winter = late(f"8:30 a.m. {name}, January 6, 2026", name, datetime(2026, 1, 6, 8, 30))
    summer = late(f"8:30 a.m. {name}, July 6, 2026", name, datetime(2026, 7, 6, 8, 30))
    assert winter == timedelta(0), "winter was right"
    assert summer == timedelta(hours=1), f"{name} in July is {summer} late now"
for name in ("CT", "MT"):
    read = dateparser.parse(f"8:30 a.m. {name}, July 6, 2026")
    print(f"{name} -> {read}")
    assert read is None, f"{name} is read now"
PY
