#!/bin/sh
# numerizer turns "Second-quarter profit" into "2nd/4 profit", and "half a million" into two numbers.
#
# Version: numerizer 0.2.4.
# One would guess: numbers that are written as words become digits, and all else stays: "second-quarter" at most "2nd
# quarter", "half a million" 500000, as "one and a half million" becomes 1500000.
# What happens: "quarter" and "half" are denominators wherever they stand, so an ordinal before them becomes the
# numerator of a fraction that is none: 1st/4 to 4th/4, and 1st/2 for a half-year. The fiscal quarter is gone from the
# text. A half takes the word before it as its numerator: "cuts half a million" becomes "cuts/2 1000000". Fifth Third, a
# bank, becomes "5th/3".
# Who is hurt: whoever makes digits of headlines before searching them for figures and periods, or before comparing or
# scoring them. News of results, which names its quarter in most headlines, loses it, and half a million
# jobs are a million.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check numerizer==0.2.4
"$dir/venv/bin/python" - <<'PY'
from numerizer import numerize

WRONG = {
    "Second-quarter profit doubles": "2nd/4 profit doubles",
    "Loss in the fourth quarter": "Loss in the 4th/4",
    "First-half loss of one billion": "1st/2 loss of 1000000000",
    "Retailer cuts half a million jobs": "Retailer cuts/2 1000000 jobs",
    "Fifth Third Bancorp falls": "5th/3 Bancorp falls",
}
RIGHT = {
    "Profit of two and a half billion": "Profit of 2500000000",
    "Retailer cuts one and a half million jobs": "Retailer cuts 1500000 jobs",
}
print("numerizer 0.2.4: quarters and halves of the year become fractions")
results = {text: numerize(text) for text in WRONG | RIGHT}
for text, result in results.items():
    print(f"{text!r} becomes {result!r}")
assert all(results[text] == result for text, result in RIGHT.items())
assert all(results[text] == result for text, result in WRONG.items()), "this has changed"
PY
