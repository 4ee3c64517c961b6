#!/bin/sh
# fastfeedparser takes what comes first for an item's link or title, whatever namespace or purpose it has.
#
# Versions: fastfeedparser 0.6.5; feedparser 6.0.14 beside it, which is right in all of these.
# One would guess: a faster reader of RSS and Atom agrees with feedparser on the title and the link of an item.
# What happens, all on valid feeds: an item of RSS with an atom:link for itself before its <link> has no link, and no
# id, which is made of the link. An Atom entry with a link for editing and then one without rel, which RFC 4287 takes
# for the story, is linked to the former. A title of type xhtml, with a word in bold, is an empty string. The title of
# the item's photo or podcast (media:title, itunes:title) is the headline if it stands first. No error, no doubt.
# Who is hurt: whoever swaps the parser for speed. Articles without id are new at every poll, or are dropped as having
# neither id nor link, and headlines are scored that nobody wrote for the story.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check fastfeedparser==0.6.5 feedparser==6.0.14
"$dir/venv/bin/python" -W ignore - <<'PY'
import fastfeedparser
import feedparser

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>Wire</title><link>https://wire.example/</link><description>News</description><item>{}</item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire</title><id>urn:wire</id><updated>2026-11-02T09:30:00Z</updated>
<author><name>Wire</name></author><entry><id>urn:wire:1</id><updated>2026-11-02T09:30:00Z</updated>{}</entry></feed>"""
TITLE, LINK = "<title>Shell cuts dividend</title>", "<link>https://wire.example/1</link>"
ALTERNATE = '<link rel="alternate" href="https://wire.example/1"/>'
NO_REL = ALTERNATE.replace('rel="alternate" ', "")
CASES = {
    "plain RSS": RSS.format(TITLE + LINK),
    "plain Atom": ATOM.format(TITLE + ALTERNATE),
    "Atom, no rel": ATOM.format(TITLE + NO_REL),
    "RSS, atom:link first": RSS.format('<atom:link rel="self" href="https://wire.example/1.xml"/>' + TITLE + LINK),
    "Atom, edit first": ATOM.format('<link rel="edit" href="https://wire.example/edit/1"/>' + TITLE + NO_REL),
    "Atom, XHTML title": ATOM.format(
        '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Shell <b>cuts</b> dividend</div></title>'
        + ALTERNATE
    ),
    "RSS, photo first": RSS.format("<media:title>A trader smiles</media:title>" + TITLE + LINK),
}
WRONG = {
    "RSS, atom:link first": ("Shell cuts dividend", None),
    "Atom, edit first": ("Shell cuts dividend", "https://wire.example/edit/1"),
    "Atom, XHTML title": ("", "https://wire.example/1"),
    "RSS, photo first": ("A trader smiles", "https://wire.example/1"),
}
RIGHT = ("Shell cuts dividend", "https://wire.example/1")

for name, feed in CASES.items():
    slow, fast = feedparser.parse(feed).entries[0], fastfeedparser.parse(feed).entries[0]
    read = fast.get("title"), fast.get("link")
    print(f"{name:20} title {read[0]!r}, link {read[1]!r}, id {fast.get('id')!r}")
    title = slow.title.replace("<b>", "").replace("</b>", "")
    assert (title, slow.link) == RIGHT, "feedparser is wrong too"
    assert read == WRONG.get(name, RIGHT), f"{name}: {read} now"
PY
