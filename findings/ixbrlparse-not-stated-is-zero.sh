#!/bin/sh
# ixbrlparse reads a figure that a company does not state, xsi:nil, as 0, and dollars per share as dollars.
#
# Version: ixbrlparse 0.12.0.
# One would guess: an inline XBRL fact with xsi:nil="true", which says that there is no value, is None, as the parser
# gives it for a text with the format "no content"; and a unit that is a ratio, USD by shares, differs from USD.
# What happens: an empty text is taken for a dash in a table, which stands for nought, so nil is 0 and looks like any
# other figure. Of a unit the first measure in it is taken, in a ratio the numerator, and the shares are gone. Plain
# XBRL is read by the same code. Nothing on the fact tells either case; only its tag in the soup does.
# Who is hurt: whoever compares what companies report with what was expected. A profit per share of 0 where none was
# given is the greatest surprise of the day; a filter on the unit puts 2.18 a share among the revenues.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check ixbrlparse==0.12.0
"$dir/venv/bin/python" - <<'PY'
from io import StringIO

from ixbrlparse import IXBRL

NAMESPACES = """xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:iso4217="http://www.xbrl.org/2003/iso4217" xmlns:link="http://www.xbrl.org/2003/linkbase"
  xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:w="http://wire.example/taxonomy" """
SCHEMA = '<link:schemaRef xlink:type="simple" xlink:href="taxonomy.xsd"/>'
PARTS = """<xbrli:context id="q3"><xbrli:entity>
  <xbrli:identifier scheme="http://www.sec.gov/CIK">0000000001</xbrli:identifier></xbrli:entity><xbrli:period>
  <xbrli:startDate>2026-07-01</xbrli:startDate><xbrli:endDate>2026-09-30</xbrli:endDate></xbrli:period></xbrli:context>
<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>
<xbrli:unit id="per_share"><xbrli:divide>
  <xbrli:unitNumerator><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unitNumerator>
  <xbrli:unitDenominator><xbrli:measure>xbrli:shares</xbrli:measure></xbrli:unitDenominator>
</xbrli:divide></xbrli:unit>"""
FACTS = {
    "Revenue": ('contextRef="q3" unitRef="usd" decimals="0"', "1234"),
    "Profit": ('contextRef="q3" unitRef="per_share" decimals="2"', "2.18"),
    "Diluted": ('contextRef="q3" unitRef="per_share" xsi:nil="true"', ""),
}
INLINE = f"""<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" {NAMESPACES}>
<head><title>Third quarter</title></head><body><div style="display:none"><ix:header>
<ix:references>{SCHEMA}</ix:references><ix:resources>{PARTS}</ix:resources></ix:header></div>
{{}}</body></html>""".format("".join(
    f'<p>{name}: <ix:nonFraction name="w:{name}" {attributes}>{text}</ix:nonFraction></p>'
    for name, (attributes, text) in FACTS.items()))
PLAIN = f"""<?xml version="1.0" encoding="UTF-8"?>
<xbrli:xbrl {NAMESPACES}>{SCHEMA}{PARTS}{{}}</xbrli:xbrl>""".format("".join(
    f"<w:{name} {attributes}>{text}</w:{name}>" for name, (attributes, text) in FACTS.items()))

for kind, document in {"ixbrl": INLINE, "xbrl": PLAIN}.items():
    report = IXBRL(StringIO(document))
    facts = {fact.name: (fact.value, fact.unit) for fact in report.numeric}
    print(f"{report.filetype:5}", *(f"{name}: {value} {unit}" for name, (value, unit) in facts.items()), sep="   ")
    assert report.filetype == kind and not report.errors
    assert facts["Revenue"] == (1234, "iso4217:USD")
    assert facts["Profit"] == (2.18, "iso4217:USD"), "a ratio is told from its numerator now"
    assert facts["Diluted"][0] == 0 and facts["Diluted"][0] is not None, "nil is no longer 0"
PY
