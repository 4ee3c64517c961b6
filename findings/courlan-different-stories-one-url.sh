#!/bin/sh
# courlan.clean_url makes one address of two stories: it drops ?12345, ?reference=8-K and all that begins with "ga".
#
# Version: courlan 1.4.0.
# One would guess: clean_url, with strict left off, drops what trackers add (utm_source, gclid) and keeps what names
# the page.
# What happens: a query without "=", as in story.asp?12345, is dropped whole, and so is a parameter without a value. The
# list of trackers is matched at the beginning of a name only: "ga" (for Analytics) takes gas, gallery and garden, "gl"
# glossary, "ref" reference and refinery, "aff" affairs. cid, eid, uid and keyword=AAPL go as well. id and sid stay.
# Who is hurt: whoever takes the cleaned address as the identity of an article, as crawlers of news do: of all stories
# of such a site the first is kept, the others are duplicates. The address that is left often works and shows the
# front page.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check courlan==1.4.0
"$dir/venv/bin/python" - <<'PY'
from courlan import clean_url

PAGE = "https://wire.example/story.asp"
ONE = [
    ("12345", "12346"),
    ("reference=8-K", "reference=10-K"),
    ("glossary=bond", "glossary=swap"),
    ("gas=henry-hub", "gas=ttf"),
    ("keyword=AAPL", "keyword=MSFT"),
    ("cid=12345", "cid=12346"),
    ("source_id=7&headline", "source_id=8&headline"),
]
TWO = [("id=12345", "id=12346"), ("sid=12345", "sid=12346"), ("oil=brent", "oil=wti"), ("symbol=AAPL", "symbol=MSFT")]


def addresses(queries: tuple[str, str]) -> set[str]:
    """Print and return the cleaned addresses of two pages."""
    cleaned = {clean_url(f"{PAGE}?{query}") for query in queries}
    print(f"{' and '.join(queries):42} ->", *sorted(cleaned))
    return cleaned


assert clean_url(f"{PAGE}?id=1&utm_source=feed") == f"{PAGE}?id=1"
for pair in TWO:
    assert addresses(pair) == {f"{PAGE}?{query}" for query in pair}
for pair in ONE:
    assert addresses(pair) == {PAGE}, f"{pair} stay two pages now"
PY
