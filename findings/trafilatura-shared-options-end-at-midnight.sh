#!/bin/sh
# trafilatura's Extractor, made once for many pages, takes no article's date that is later than its own first day.
#
# Versions: trafilatura 2.3.1, htmldate 1.11.0; freezegun 1.5.5 turns the clock.
# One would guess: an Extractor holds settings, and its documentation recommends it for use over many pages; two calls
# with the same settings read the same date, whether the settings are a day old or new.
# What happens: when it is made it writes down that day as the latest date that a page may have. From midnight on the
# right date, in article:published_time, is refused as one of the future, and a worse one is found instead: the first
# of the month; in the next month an older date from the text or from a link to earlier news, or 1 January. There is
# always a date, and never a warning.
# Who is hurt: a crawler that runs for longer than a day. On the first day, and in every test, all is right. From the
# second on all news is of the first of the month, then of any day but today, and in no window of the present; a restart
# heals it for a day. (lxml_html_clean is named here because pip before 23.3 does not find it by its extra.)
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check trafilatura==2.3.1 htmldate==1.11.0 \
    lxml_html_clean==0.4.6 freezegun==1.5.5
"$dir/venv/bin/python" -W ignore - <<'PY'
import json

from freezegun import freeze_time
from trafilatura import extract
from trafilatura.settings import Extractor

PAGE = """<html lang="en"><head><title>Shell cuts dividend</title>
<meta property="article:published_time" content="{day}T09:30:00Z"></head><body><article><h1>Shell cuts dividend</h1>
<p>Shell cut its dividend by half and gave no reason. It had said that it would keep to its plan for this year and the
next, and analysts had expected no change before the spring.</p><p>{more}</p></article></body></html>"""
TEXT = "Shell had last cut it on 29 April 2020."
LINK = '<a href="/2026/08/06/shell-raises-dividend">Shell raises its dividend by four per cent</a>'
OLD = {  # what is read with settings of 2 November: with nothing else on the page, with TEXT, with LINK
    "2026-11-02": ("2026-11-02", "2026-11-02", "2026-11-02"),
    "2026-11-03": ("2026-11-01", "2026-11-01", "2026-11-01"),
    "2026-12-03": ("2026-01-01", "2020-04-29", "2026-08-06"),
}


def date(day: str, more: str, options: Extractor | None) -> str | None:
    """Return the date of an article of ``day`` that is read at noon of that day."""
    settings = {"options": options} if options else {"output_format": "json", "with_metadata": True}
    with freeze_time(f"{day} 12:00:00"):
        return json.loads(extract(PAGE.format(day=day, more=more), **settings))["date"]


with freeze_time("2026-11-02 08:00:00"):
    shared = Extractor(output_format="json", with_metadata=True)
for day, expected in OLD.items():
    for name, more, wrong in zip(("alone", "old date in text", "link to old news"), ("", TEXT, LINK), expected):
        new, old = date(day, more, None), date(day, more, shared)
        print(f"article of {day}, {name:16}: new settings {new}, those of 2 November {old}")
        assert new == day, "new settings are wrong too"
        assert old == wrong, f"the date is {old} now"
PY
