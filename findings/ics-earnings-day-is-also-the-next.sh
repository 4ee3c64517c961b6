#!/bin/sh
# To ics what Apple reports on 5 November it reports on the 6th as well, and with strict=True on no day.
#
# Versions: ics 0.7.3; recurring-ical-events 3.8.2 with icalendar 7.3.2 beside it, which is right.
# One would guess: timeline.on(day) gives the events of a day, and an entry for the whole day, as calendars of earnings
# have them, is in one day. It ends, exclusively by RFC 5545, where the next day begins: DTEND is the 6th.
# What happens: overlapping counts the end in, so whatever ends at midnight is also in the next day: all entries for a
# whole day, with or without DTEND, and a call from 23:00 to 24:00. strict=True, "strictly included", is no way out: a
# day ends a microsecond before midnight there, so no entry for a whole day is included in any day.
# Who is hurt: whoever widens the limits of a detector on days with earnings, or holds back orders. Each company is
# expected on two days, and the second, when the price has settled, is treated like the first; of whole days, the
# filter that looks careful finds none.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check \
    ics==0.7.3 icalendar==7.3.2 recurring-ical-events==3.8.2 tzdata==2026.6
"$dir/venv/bin/python" -W ignore - <<'PY'
from datetime import date

import arrow
import icalendar
import ics
import recurring_ical_events

ENTRIES = {
    "AAPL": ["DTSTART;VALUE=DATE:20261105", "DTEND;VALUE=DATE:20261106"],
    "SHEL": ["DTSTART;VALUE=DATE:20261105"],
    "BA": ["DTSTART:20261105T140000Z", "DTEND:20261105T150000Z"],
    "SONY": ["DTSTART:20261105T230000Z", "DTEND:20261106T000000Z"],
}
CALENDAR = "\r\n".join([
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//wire.example//Earnings//EN",
    *(line for name, times in ENTRIES.items()
      for line in ["BEGIN:VEVENT", f"UID:{name}@wire.example", "DTSTAMP:20261001T000000Z", *times, f"SUMMARY:{name}",
                   "END:VEVENT"]),
    "END:VCALENDAR", ""])
timeline = ics.Calendar(CALENDAR).timeline
other = recurring_ical_events.of(icalendar.Calendar.from_ical(CALENDAR))


def named(day: int, strict: bool) -> set[str]:
    return {event.name for event in timeline.on(arrow.get(2026, 11, day), strict=strict)}


EXPECTED = {4: (set(), set()), 5: (set(ENTRIES), {"BA"}), 6: ({"AAPL", "SHEL", "SONY"}, set()), 7: (set(), set())}
for day, (loose, strict) in EXPECTED.items():
    right = {str(event["SUMMARY"]) for event in other.at(date(2026, 11, day))}
    found = named(day, strict=False), named(day, strict=True)
    print(f"{day} November: {sorted(right)}, ics: {sorted(found[0])}, strict: {sorted(found[1])}")
    assert right == (set(ENTRIES) if day == 5 else set()), "recurring-ical-events is wrong too"
    assert found == (loose, strict), f"{day} November: {found} now"
PY
