#!/bin/sh
# The CloudEvents SDK dates a Kafka record without "time" by the clock of whoever reads it, anew at each reading.
#
# Version: cloudevents 2.2.0.
# One would guess: "time" is optional in CloudEvents 1.0, so an event without it is read as one without it. "id" is
# required, so a record without it is refused.
# What happens: from_binary and from_structured build the event by its constructor, which fills in what is missing: the
# present time, and a random id. Nothing tells the invented from the sent, and the same record read twice gives two
# events that differ.
# Who is hurt: exactly-once consumers. After a restart the same news has another time and falls into another window;
# replayed from the start of the topic, years of news happen now; and what dedupes by id never sees the same id twice.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check cloudevents==2.2.0
"$dir/venv/bin/python" - <<'PY'
import time
from datetime import datetime, timezone

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, from_structured_event

HEADERS = {"ce_specversion": b"1.0", "ce_type": b"news", "ce_source": b"/wire", "content-type": b"application/json"}
DATA = b'{"headline": "Shell raises its dividend"}'
binary = KafkaMessage(HEADERS | {"ce_id": b"n-1"}, b"SHEL", DATA)
no_id = KafkaMessage(HEADERS | {"ce_time": b"2026-11-02T09:30:00Z"}, b"SHEL", DATA)
structured = KafkaMessage(
    {"content-type": b"application/cloudevents+json"},
    b"SHEL",
    b'{"specversion": "1.0", "type": "news", "source": "/wire", "id": "n-1", "data": ' + DATA + b"}",
)

start = datetime.now(timezone.utc)
for read, message in ((from_binary_event, binary), (from_structured_event, structured)):
    first = read(message).get_time()
    time.sleep(0.1)
    second = read(message).get_time()
    print(f"{read.__name__:21} without time: first {first}, again {second}")
    assert first is not None, "an event without time is read as such now"
    assert start <= first < second, "the time does not come from the clock now"

ids = [from_binary_event(no_id).get_id() for _ in range(2)]
print(f"from_binary_event     without id:   first {ids[0]}, again {ids[1]}")
assert all(ids) and ids[0] != ids[1], "the id is the same at each reading now"
sent = from_binary_event(KafkaMessage(binary.headers | {"ce_time": b"2026-11-02T09:30:00Z"}, None, DATA))
assert sent.get_time() == datetime(2026, 11, 2, 9, 30, tzinfo=timezone.utc), "a time that was sent is kept"
PY
