#!/bin/sh
# An article without tickers has those of the article before, in a Faust Record with "tickers: list = []".
#
# Version: faust-streaming 0.15.3.
# One would guess: each record gets a list of its own, as pydantic, msgspec and attrs' factories do it, or the class is
# refused, as dataclasses refuse it.
# What happens: there is one list for all records that come without the field, or with null. An agent that adds the
# companies it found to one article adds them to each later one and to those before that are still in memory, and they
# are sent on in the output records too.
# Who is hurt: whoever enriches news in an agent. The longer a worker runs, the more companies each article without a
# ticker is about, until a restart heals it; alerts name companies that no article has named.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check faust-streaming==0.15.3 msgspec==0.23.0
"$dir/venv/bin/python" - <<'PY'
import faust
import msgspec


class OfFaust(faust.Record):
    headline: str
    tickers: list[str] = []


class OfMsgspec(msgspec.Struct):
    headline: str
    tickers: list[str] = []


RECORDS = {
    b'{"headline": "Apple and Shell agree"}': ["AAPL", "SHEL"],
    b'{"headline": "Boeing wins order"}': ["BA"],
    b'{"headline": "A quiet day", "tickers": []}': [],
    b'{"headline": "Nothing new at all"}': [],
}


def enrich(decode) -> list[list[str]]:
    """Return the tickers of all articles after each got those that were found in its headline."""
    articles = []
    for record, found in RECORDS.items():
        article = decode(record)
        article.tickers.extend(found)
        articles.append(article)
        print(f"  {article.headline:22} {article.tickers}")
    return [article.tickers for article in articles]


print("msgspec")
assert enrich(msgspec.json.Decoder(OfMsgspec).decode) == [["AAPL", "SHEL"], ["BA"], [], []]
print("Faust")
tickers = enrich(lambda record: OfFaust.loads(record, serializer="json"))
assert tickers[2] == [], "a list that was sent is its own"
assert tickers[3] == ["AAPL", "SHEL", "BA"], "each record has a list of its own now"
null = OfFaust.loads(b'{"headline": "Null", "tickers": null}', serializer="json")
print(f"sent on: {null.dumps(serializer='json').decode()}")
assert null.tickers == ["AAPL", "SHEL", "BA"]
PY
