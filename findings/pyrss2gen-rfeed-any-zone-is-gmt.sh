#!/bin/sh
# PyRSS2Gen and rfeed write "GMT" behind the wall clock of any zone.
#
# Versions: PyRSS2Gen 1.1, rfeed 1.1.1; feedgenerator 2.2.1 beside them, which is right; feedparser 6.0.14 reads.
# One would guess: a datetime that knows its zone, 09:30 in New York, becomes "09:30:00 -0500" or "14:30:00 GMT".
# What happens: both print the hour as it stands and add the letters GMT. The offset is dropped without a word, and the
# feed is valid RSS.
# Who is hurt: every reader of such a feed: news from New York is four or five hours early, news from Tokyo nine hours
# late, which makes it news from the future. The publisher's own tests pass, for the hour on the page is right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check \
    PyRSS2Gen==1.1 rfeed==1.1.1 feedgenerator==2.2.1 feedparser==6.0.14 tzdata==2026.6
"$dir/venv/bin/python" - <<'PY'
from calendar import timegm
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import feedgenerator
import feedparser
import PyRSS2Gen
import rfeed

HEAD = {"title": "Wire", "link": "https://wire.example/", "description": "News"}
ITEM = {"title": "Shell raises its dividend", "link": "https://wire.example/1", "description": "Text"}


def pyrss2gen(time: datetime) -> str:
    return PyRSS2Gen.RSS2(**HEAD, items=[PyRSS2Gen.RSSItem(**ITEM, pubDate=time)]).to_xml("utf-8")


def of_rfeed(time: datetime) -> str:
    return rfeed.Feed(**HEAD, items=[rfeed.Item(**ITEM, pubDate=time)]).rss()


def of_feedgenerator(time: datetime) -> str:
    feed = feedgenerator.Rss201rev2Feed(**HEAD)
    feed.add_item(**ITEM, pubdate=time)
    return feed.writeString("utf-8")


def error(write, time: datetime) -> timedelta:
    """Return by how much a reader of the feed is wrong."""
    entry = feedparser.parse(write(time)).entries[0]
    wrong = timedelta(seconds=timegm(entry.published_parsed) - time.timestamp())
    print(f"{write.__name__:16} {time.isoformat()} -> {entry.published:31} off by {wrong.total_seconds() / 3600:+} h")
    return wrong


for zone, hours in {"America/New_York": -5, "Asia/Tokyo": 9, "Europe/London": 0}.items():
    time = datetime(2026, 11, 2, 9, 30, tzinfo=ZoneInfo(zone))
    assert error(of_feedgenerator, time) == timedelta(0)
    for write in (pyrss2gen, of_rfeed):
        assert error(write, time) == timedelta(hours=hours), f"{write.__name__} differs now"
PY
