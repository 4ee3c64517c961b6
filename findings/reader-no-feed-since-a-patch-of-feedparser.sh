#!/bin/sh
# A fresh install of reader can't add a feed since feedparser 6.0.13, which reader does not use.
#
# Versions: reader 3.26 with feedparser 6.0.13 and 6.0.14, and with feedparser 6.0.12, where all is well.
# One would guess: reader carries a feedparser of its own in its package, so the one beside it does not matter; and a
# third digit changes no names.
# What happens: reader's copy imports sgmllib, which Python 3 dropped; only because feedparser, which reader requires
# and does not import, required sgmllib3k was it there. feedparser 6.0.13 moved to a package of another name. pip finds
# nothing wrong, "import reader" works, and the first add_feed() raises ModuleNotFoundError.
# Who is hurt: whoever installs the feed library anew, without a lock or after "upgrade all": nothing is fetched, and
# a health check that imports the library is green. Machines that were upgraded in place keep the old package and work.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat > "$dir/wire.xml" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Wire</title><link>https://wire.example/</link><description>News</description>
<item><title>Shell cuts dividend</title><link>https://wire.example/1</link><guid>https://wire.example/1</guid></item>
</channel></rss>
XML
cat > "$dir/read.py" <<'PY'
import sys
from importlib.metadata import version

from reader import make_reader

directory, works = sys.argv[1], sys.argv[2] == "works"
try:
    news = make_reader(":memory:", feed_root=directory)
    news.add_feed("wire.xml")
    news.update_feeds()
    outcome = [entry.title for entry in news.get_entries()]
except ModuleNotFoundError as error:
    outcome = error
print(f"reader {version('reader')} with feedparser {version('feedparser')}: {outcome!r}")
assert works == (outcome == ["Shell cuts dividend"]), "the pair behaves otherwise now"
assert works or outcome.name == "sgmllib"
PY
for pair in 6.0.12:works 6.0.13:fails 6.0.14:fails; do
    venv=$dir/${pair%:*}
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check reader==3.26 "feedparser==${pair%:*}"
    "$venv/bin/pip" check
    "$venv/bin/python" "$dir/read.py" "$dir" "${pair#*:}"
done
