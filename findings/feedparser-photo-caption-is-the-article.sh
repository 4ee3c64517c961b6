#!/bin/sh
# feedparser gives the caption of an item's photo as the content of the item.
#
# Versions: feedparser 6.0.14; fastfeedparser 0.6.5, which errs in one of the two orders.
# One would guess: media:description of Media RSS, which newspapers put beside the photo of a story, describes the
# photo; content is the article (content:encoded), and what has no full text has no content.
# What happens: feedparser takes media:description for another description of the item. Where the story's own comes
# first, the caption becomes entry.content, the place that is looked at first, being the longer text. Where the photo
# comes first, the caption becomes the summary (in fastfeedparser too, as the description) and the story's text the
# content. Nothing tells the two apart.
# Who is hurt: whoever scores entry.content if there is one: the sentiment of "A trader smiles at the New York Stock
# Exchange" stands for a cut dividend, and companies are named by what is in the picture. Feeds without photos are
# right, so it looks like a difference between newspapers.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check feedparser==6.0.14 fastfeedparser==0.6.5
"$dir/venv/bin/python" -W ignore - <<'PY'
import fastfeedparser
import feedparser

STORY = "Shell cuts its dividend by half."
CAPTION = "A trader smiles at the New York Stock Exchange."
TEXT = f"<description>{STORY}</description>"
PHOTO = f"""<media:content url="https://wire.example/1.jpg" medium="image"/>
  <media:credit>A photographer</media:credit><media:description>{CAPTION}</media:description>"""
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>Wire</title><link>https://wire.example/</link><description>News</description>
<item><title>Shell cuts dividend</title><link>https://wire.example/1</link>
  {}
</item></channel></rss>"""


def read(name: str, *parts: str) -> tuple[str, str | None, str]:
    """Return the summary and the content of an item, and what fastfeedparser calls its description."""
    feed = FEED.format("\n  ".join(parts))
    entry = feedparser.parse(feed).entries[0]
    content = entry.content[0].value if "content" in entry else None
    other = fastfeedparser.parse(feed).entries[0].description
    print(f"{name:13} feedparser: summary {entry.summary!r}, content {content!r}")
    print(f"{'':13} fastfeedparser: description {other!r}")
    return entry.summary, content, other


assert read("no photo", TEXT) == (STORY, None, STORY)
assert read("photo behind", TEXT, PHOTO) == (STORY, CAPTION, STORY), "the caption is no content now"
assert read("photo before", PHOTO, TEXT) == (CAPTION, STORY, CAPTION), "the caption is no summary now"
PY
