#!/bin/sh
# fastjsonschema takes a JSON Schema of 2020-12 without a word, and reads it as draft 7: bad records pass, good ones fail.
#
# Version: fastjsonschema 2.22.3.
# One would guess: a schema that names a draft which is not supported (its documentation lists 4, 6 and 7) is refused, or
# at least its known keywords mean what they mean there.
# What happens: a draft it does not know gets the keywords of draft 7 and two formats of 2019-09; others hold for nothing. A price
# without its currency passes (dependentRequired), so do a field nobody knows (unevaluatedProperties), a text in the place
# of a number (prefixItems), and what is written beside a $ref. And `"items": false` behind prefixItems, which closes a
# pair in 2020-12, forbids every item here: the good record is refused, with "must not be there".
# Who is hurt: whoever checks records by the schemas that pydantic 2, OpenAPI 3.1 or AsyncAPI 3 write, all of 2020-12, and
# takes this library because it is fast. The check is green and checks less than it says.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check fastjsonschema==2.22.3
"$dir/venv/bin/python" - <<'PY'
import fastjsonschema

DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
PAIR = {"prefixItems": [{"type": "string"}, {"type": "number"}]}
BAD_PASSES = {
    "dependentRequired": ({"dependentRequired": {"price": ["currency"]}}, {"price": 12.5}),
    "unevaluatedProperties": ({"properties": {"price": {}}, "unevaluatedProperties": False}, {"prcie": 1}),
    "prefixItems": (PAIR, ["ACME", "twelve"]),
    "beside a $ref": (
        {"$defs": {"name": {"type": "string"}}, "$ref": "#/$defs/name", "maxLength": 4},
        "a ticker that is too long",
    ),
}
GOOD_FAILS = ({**PAIR, "items": False}, ["ACME", 12.5])


def verdict(schema: dict, record: object) -> str:
    """Return whether a record passes, or why it does not."""
    try:
        fastjsonschema.compile(DRAFT | schema)(record)
    except fastjsonschema.JsonSchemaValueException as error:
        return f"refused: {error}"
    return "passes"


print("fastjsonschema 2.22.3, schemas of 2020-12")
results = {name: verdict(*case) for name, case in BAD_PASSES.items()}
for name, result in results.items():
    print(f"bad by {name:21} {BAD_PASSES[name][1]!r} {result}")
good = verdict(*GOOD_FAILS)
print(f"good by {'prefixItems and items':20} {GOOD_FAILS[1]!r} {good}")
old = verdict({"type": "object", "required": ["price"]}, {})
print(f"bad by {'required':21} {{}} {old}")

assert old.startswith("refused"), "what all drafts have is checked"
assert set(results.values()) == {"passes"}, "2020-12 is read, or refused, now"
assert good == "refused: data must not be there", "the good record passes now"
PY
