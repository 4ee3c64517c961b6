#!/bin/sh
# With pandas 3.1 exchange_calendars loses every session on a weekend: Bombay's Budget day, Korea's Saturdays.
#
# Versions: exchange_calendars 4.13.2 with pandas 3.1.1, and with pandas 3.0.1, where all is well.
# One would guess: a newer pandas, which the package allows (pandas>=1.5.0), gives the same sessions or an error.
# What happens: the weeks that differ from Monday to Friday are ignored without a word. On Saturday 1 February 2025
# Bombay traded because the Budget was read; the calendar says closed. Korea traded on Saturdays until 1998: 442
# sessions of the nineties are gone. Tel Aviv, which traded on Sundays until 2026, can't be had any more, by the very
# call that asks for its defaults: ValueError, "Special dates ... are not sessions".
# Who is hurt: whoever lays news to the next session. The news of the Budget waits until Monday, one of the largest
# moves of the year has no session, and a backtest gives other numbers after an upgrade of something else.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat > "$dir/sessions.py" <<'PY'
import sys

import exchange_calendars as exchanges
import pandas


def weekend(name: str, start: str, end: str) -> int:
    """Print and return how many sessions of an exchange are on a Saturday or Sunday."""
    sessions = exchanges.get_calendar(name, start=start, end=end).sessions
    count = int((sessions.dayofweek > 4).sum())
    print(f"pandas {pandas.__version__}: {name} has {count} weekend sessions of {len(sessions)}, {start} to {end}")
    return count


expected = {"well": (1, 442, 50), "gone": (0, 0, None)}[sys.argv[1]]
bombay = weekend("XBOM", "2025-01-01", "2025-12-31")
korea = weekend("XKRX", "1990-01-01", "1999-12-31")
try:
    tel_aviv = weekend("XTAE", "2025-01-01", "2026-01-31")
    exchanges.get_calendar("XTAE")
except ValueError as error:
    tel_aviv = None
    print(f"pandas {pandas.__version__}: XTAE: {str(error)[:55]} ... {str(error)[-18:]}")
assert (bombay, korea, tel_aviv) == expected, (bombay, korea, tel_aviv)
PY
for pair in 3.0.1:well 3.1.1:gone; do
    python3 -m venv "$dir/${pair%:*}"
    "$dir/${pair%:*}/bin/pip" install -q --disable-pip-version-check exchange_calendars==4.13.2 "pandas==${pair%:*}"
    "$dir/${pair%:*}/bin/python" -W ignore "$dir/sessions.py" "${pair#*:}"
done
