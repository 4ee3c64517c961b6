#!/bin/sh
# Apache's Avro writes the price Decimal("189") as 1.89, and Decimal("189.8") as 18.98.
#
# Versions: avro 1.12.2, Apache's own package for Python; fastavro 1.13.1 beside it, which is right.
# One would guess: a field of logical type decimal with scale 2 holds 189 as 189.00, or refuses what has not exactly
# two digits after the point, as it refuses three.
# What happens: the digits are written as they stand and read as hundredths. Each digit that a price lacks after its
# point makes it ten times smaller, and 1.5E+9, which is what normalize() makes of a billion and a half, becomes 0.15.
# There is no error, and what one price in ten does (a trailing zero that was dropped) a test with 189.84 does not show.
# Who is hurt: whoever puts prices, estimates or sums of deals from JSON into Kafka by Avro. Prices that end in a zero
# fall by nine tenths for one record and are back in the next, which to a detector of surges is the news of the day. The
# records stay wrong; no reader can tell.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check avro==1.12.2 fastavro==1.13.1
"$dir/venv/bin/python" -W ignore - <<'PY'
import io
import json
from decimal import Decimal

import avro.io
import avro.schema
import fastavro

PRICE = {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}
READ = {
    "189.84": "189.84",
    "189.80": "189.80",
    "189.8": "18.98",
    "189": "1.89",
    "-0.5": "-0.05",
    "1500000000": "15000000.00",
    "1.5E+9": "0.15",
}


def with_avro(price: Decimal) -> bytes:
    file = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(json.dumps(PRICE))).write(price, avro.io.BinaryEncoder(file))
    return file.getvalue()


def with_fastavro(price: Decimal) -> bytes:
    file = io.BytesIO()
    fastavro.schemaless_writer(file, PRICE, price)
    return file.getvalue()


def read(record: bytes) -> Decimal:
    """Return the price in a record, on which both libraries agree."""
    by_fastavro = fastavro.schemaless_reader(io.BytesIO(record), PRICE)
    decoder = avro.io.BinaryDecoder(io.BytesIO(record))
    assert avro.io.DatumReader(avro.schema.parse(json.dumps(PRICE))).read(decoder) == by_fastavro
    return by_fastavro


for text, wrong in READ.items():
    price = Decimal(text)
    apache, other = read(with_avro(price)), read(with_fastavro(price))
    print(f"{text:>10} written by avro: {apache:>11}   by fastavro: {other}")
    assert other == price, "fastavro is wrong too"
    assert apache == Decimal(wrong), f"{text} is {apache} now"
PY
