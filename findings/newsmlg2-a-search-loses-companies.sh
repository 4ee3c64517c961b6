#!/bin/sh
# Ask newsmlg2 whether an item is about Shell, and the companies that stand before Shell are gone from what it writes.
#
# Version: newsmlg2 1.1, which the makers of NewsML-G2 publish.
# One would guess: the subjects of an item are a list, for they have a length and an index; each loop over them begins
# at the first, and to look at them changes nothing.
# What happens: the list is its own iterator and keeps its place. Where a loop ends early, by a break, any(), next() or
# "in", the next loop begins behind the subject that was found, and only the loop after that at the first again. The
# next loop is often the library's own: to_xml_string() writes the item without the subjects that were passed over, and
# with all of them when it is asked once more.
# Who is hurt: whoever routes or filters news by its companies. The desk that asked gets the story, and all behind it
# get one that no longer names Apple. The XML is valid, and it depends on what was asked which companies are missing.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check newsmlg2==1.1
"$dir/venv/bin/python" - <<'PY'
import re

from NewsMLG2 import NewsMLG2Document

ITEM = b"""<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:wire.example:20261102:1" version="1"
  standard="NewsML-G2" standardversion="2.35" conformance="power" xml:lang="en">
  <catalogRef href="http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_41.xml"/>
  <itemMeta><itemClass qcode="ninat:text"/><provider literal="Wire"/>
    <versionCreated>2026-11-02T09:30:00Z</versionCreated></itemMeta>
  <contentMeta>
    <subject type="cpnat:organisation" literal="AAPL"/><subject type="cpnat:organisation" literal="BA"/>
    <subject type="cpnat:organisation" literal="SHEL"/><subject type="cpnat:organisation" literal="TTE"/>
    <headline>Four companies agree</headline>
  </contentMeta>
  <contentSet><inlineData contenttype="text/plain">They agree.</inlineData></contentSet>
</newsItem>"""
ALL = ["AAPL", "BA", "SHEL", "TTE"]


def written(document: NewsMLG2Document) -> list[str]:
    """Return the companies in the XML that the library writes."""
    return re.findall(r'<subject literal="(\w+)"', document.to_xml_string().replace(' type="cpnat:organisation"', ""))


def listed(document: NewsMLG2Document) -> list[str]:
    return [subject.literal for subject in document.item.contentmeta.subject]


document = NewsMLG2Document(ITEM)
print("not searched:        ", written(document), written(document))
assert written(document) == listed(document) == ALL

for name, left in {"AAPL": ALL[1:], "SHEL": ["TTE"], "XOM": ALL}.items():
    document = NewsMLG2Document(ITEM)
    found = any(subject.literal == name for subject in document.item.contentmeta.subject)
    first, second = written(document), written(document)
    print(f"is it about {name:4} {found!r:5}", first, "and when written again", second)
    assert first == left, f"after a search for {name} all are written now"
    assert second == ALL

document = NewsMLG2Document(ITEM)
for subject in document.item.contentmeta.subject:
    if subject.literal == "BA":
        break
print("listed after a break:", listed(document))
assert listed(document) == ALL, "the second loop begins at the first"
PY
