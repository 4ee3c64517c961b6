#!/bin/sh
# Faust reads 09:30:00.123Z, as JavaScript and Java write it, as 123 microseconds after half past nine.
#
# Version: faust-streaming 0.15.3.
# One would guess: a datetime field of a Record with coerce=True reads ISO 8601, in which .123 and .123000 are the same.
# What happens: the digits of the fraction are taken for a number of microseconds. Six digits are right, three are a
# thousandth of what was sent, and .9 comes before .123. Seven digits (.NET) raise ValueError in the agent. With a
# comma, which ISO 8601 allows as well, the fraction and the zone are gone, and the time is naive.
# Who is hurt: whoever orders news or measures delays below a second between senders in several languages: all that
# JavaScript dates is up to a second early, and of two headlines of one second the later can come first. Nothing
# looks wrong, for seconds are right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check faust-streaming==0.15.3
"$dir/venv/bin/python" - <<'PY'
from datetime import datetime, timezone

import faust


class News(faust.Record, coerce=True):
    headline: str
    published: datetime


def read(fraction: str) -> str:
    """Return the published time of a record as Faust reads it."""
    text = f"2026-11-02T09:30:00{fraction}"
    record = f'{{"headline": "Shell cuts dividend", "published": "{text}"}}'
    try:
        read = News.loads(record.encode(), serializer="json").published.isoformat()
    except ValueError as error:
        read = repr(error)
    print(f"{text:31} Faust: {read:34} Python: {datetime.fromisoformat(text).isoformat()}")
    return read


assert read("Z") == "2026-11-02T09:30:00+00:00"
assert read(".123456Z") == "2026-11-02T09:30:00.123456+00:00"
assert read(".123Z") == "2026-11-02T09:30:00.000123+00:00", "three digits are milliseconds now"
assert read(".9Z") == "2026-11-02T09:30:00.000009+00:00", "one digit is a tenth of a second now"
assert read(".900-05:00") == "2026-11-02T09:30:00.000900-05:00"
assert read(",123Z") == "2026-11-02T09:30:00", "a comma is read now"
assert read(".1234567Z").startswith("ValueError"), "seven digits are read now"
PY
