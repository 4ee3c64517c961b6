#!/bin/sh
# A CloudEvents extension that is False comes out of a Kafka record as the string "False", which is true.
#
# Version: cloudevents 2.2.0.
# One would guess: the boolean of an extension, embargoed=False, survives to_binary and from_binary; or travels as
# "false", the text that the type system of CloudEvents 1.0 gives it, so that a receiver may turn it back.
# What happens: the header holds Python's spelling, "False". Read back it is a string that is not empty, so
# "if event.get_extension('embargoed')" goes the wrong way. The structured mode keeps the boolean: the same event means
# the opposite by the mode in which it travelled.
# Who is hurt: whoever marks news by flags (embargoed, correction, test). Free news is held back as if it were under
# embargo, and a receiver in another language that looks for "false" or "true" finds neither.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check cloudevents==2.2.0
"$dir/venv/bin/python" - <<'PY'
from cloudevents.core.bindings import kafka
from cloudevents.core.v1.event import CloudEvent

NEWS = {"type": "news", "source": "/wire", "id": "n-1", "datacontenttype": "application/json"}
CANONICAL = {True: b"true", False: b"false"}

for embargoed in (True, False):
    event = CloudEvent(NEWS | {"embargoed": embargoed}, {"headline": "Shell raises its dividend"})
    binary = kafka.to_binary_event(event)
    header = binary.headers["ce_embargoed"]
    from_binary = kafka.from_binary_event(binary).get_extension("embargoed")
    from_structured = kafka.from_structured_event(kafka.to_structured_event(event)).get_extension("embargoed")
    print(f"sent {embargoed!r:5}  header {header!r:8}  binary: {from_binary!r:7} held back: {bool(from_binary)!r:5}"
          f"  structured: {from_structured!r:5} held back: {bool(from_structured)}")
    assert from_structured is embargoed
    assert header != CANONICAL[embargoed], "the header is spelt as CloudEvents has it now"
    assert bool(from_binary), "False is false now"
PY
