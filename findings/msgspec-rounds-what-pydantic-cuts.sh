#!/bin/sh
# Of one timestamp with seven digits, as .NET writes them, msgspec and pydantic make two times, at times two days.
#
# Versions: msgspec 0.23.0, pydantic 2.14.4, whenever 0.11.0; Python's own fromisoformat.
# One would guess: a datetime holds six digits, so what is beyond is cut off by all of them, or by none.
# What happens: msgspec rounds, pydantic and fromisoformat cut. So every second timestamp of a sender in .NET (ticks of
# 100 ns) or Go (nanoseconds) is a microsecond apart, and 23:59:59.9999999 on 2 November is 3 November to msgspec.
# whenever alone keeps all digits.
# Who is hurt: two services that read one topic with the two libraries, or one that moves from one to the other. An id
# made of source and time no longer matches, so half of the news is seen twice, and what is last in its day or window
# counts in the next.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check msgspec==0.23.0 pydantic==2.14.4 whenever==0.11.0
"$dir/venv/bin/python" - <<'PY'
from datetime import datetime

import msgspec
import pydantic
from whenever import Instant

ADAPTER = pydantic.TypeAdapter(datetime)


def read(text: str) -> tuple[datetime, datetime, datetime]:
    """Return one time as msgspec, pydantic and Python read it."""
    record = f'"{text}"'
    times = (
        msgspec.json.decode(record, type=datetime),
        ADAPTER.validate_json(record),
        datetime.fromisoformat(text),
    )
    print(text, *(f"{name} {time:%d %b %H:%M:%S.%f}" for name, time in zip(("msgspec", "pydantic", "Python"), times)),
          f"whenever {Instant.parse_iso(text)}", sep="   ")
    return times


assert len(set(read("2026-11-02T09:30:00.123456Z"))) == 1
assert len(set(read("2026-11-02T09:30:00.1234563Z"))) == 1
rounded, *cut = read("2026-11-02T09:30:00.1234567Z")
assert rounded.microsecond == 123457 and {time.microsecond for time in cut} == {123456}, "they agree now"
rounded, *cut = read("2026-11-02T23:59:59.9999999Z")
assert rounded.day == 3 and {time.day for time in cut} == {2}, "they agree on the day now"
ticks = [msgspec.json.decode(f'"2026-11-02T09:30:00.{tick:07}Z"', type=datetime)
         != ADAPTER.validate_json(f'"2026-11-02T09:30:00.{tick:07}Z"') for tick in range(0, 10_000_000, 997)]
print(f"{sum(ticks)} of {len(ticks)} timestamps of seven digits are read as two")
assert 0.45 < sum(ticks) / len(ticks) < 0.55
PY
