#!/bin/sh
# simplefix writes 09:30 in New York as 09:30 UTC, four or five hours before it was, and nothing says so.
#
# Version: simplefix 1.0.17.
# One would guess: append_utc_timestamp, given a time that knows its zone, writes that instant in UTC, as FIX demands of a
# UTCTimestamp such as OrigTime (42) of a news message.
# What happens: it writes the digits of the clock and drops the zone. The same instant, told in New York, London and Tokyo
# time, becomes three times, hours apart; only a time that is in UTC already, or a float, comes out right. Its
# documentation names what utcnow() returns as an example, and says nothing of times with a zone; none is refused.
# append_utc_time_only and append_utc_timestamp of any precision do the same.
# Who is hurt: whoever reads news or fills with zones, as every feed writes them, and passes them on over FIX. Headlines
# are hours older than they are, or of the future, and those who check the age of a message drop them.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check simplefix==1.0.17
"$dir/venv/bin/python" - <<'PY'
from datetime import datetime, timedelta, timezone

from simplefix import FixMessage

INSTANT = datetime(2026, 3, 3, 14, 30, tzinfo=timezone.utc)
ZONES = {"UTC": 0, "New York": -5, "Tokyo": 9}


def written(moment: "datetime | float") -> tuple[str, str]:
    """Return OrigTime, and the same as a time alone, of a news message."""
    message = FixMessage()
    message.append_pair(35, "B")
    message.append_utc_timestamp(42, moment, precision=0)
    message.append_utc_time_only(273, moment, precision=0)
    return message.get(42).decode(), message.get(273).decode()


lines = {}
for name, hours in ZONES.items():
    moment = INSTANT.astimezone(timezone(timedelta(hours=hours)))
    assert moment == INSTANT
    lines[name] = written(moment)
    print(f"{name:9} {moment.isoformat()} is written as {lines[name][0]}, and {lines[name][1]}")
lines["float"] = written(INSTANT.timestamp())
print(f"{'a float':9} {INSTANT.timestamp():<25} is written as {lines['float'][0]}, and {lines['float'][1]}")

assert lines["UTC"] == lines["float"] == ("20260303-14:30:00", "14:30:00")
assert lines["New York"] == ("20260303-09:30:00", "09:30:00"), "the zone counts now"
assert lines["Tokyo"] == ("20260303-23:30:00", "23:30:00"), "the zone counts now"
print("simplefix 1.0.17: one instant, three times in UTC")
PY
