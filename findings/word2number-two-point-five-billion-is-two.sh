#!/bin/sh
# word2number reads "two point five billion" as 2, and "two to three million" as 5000000.
#
# Version: word2number 1.1.
# One would guess: "two point three" is 2.3 and "two billion" 2000000000, as its documentation shows, so "two point five
# billion" is 2500000000; and what it can't read raises a ValueError, as other texts do.
# What happens: behind "point" only digits are looked for, so the billion and the half of it are gone. Words that are no
# numbers are passed over, so "one and a half million" is 1000000 and the two numbers of a range become a sum, thrown
# together before the million. "Twenty five hundred" is 200, while "twelve hundred" is right. Nothing is raised.
# Who is hurt: whoever takes amounts from headlines and transcripts, where sums are spelt out. A loss of two and a half
# billion is one of two dollars, or of two billions, and a threshold in millions never sees it.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check word2number==1.1
"$dir/venv/bin/python" - <<'PY'
from word2number.w2n import word_to_num

RIGHT = {"two point three": 2.3, "two billion": 2_000_000_000, "twelve hundred": 1_200}
WRONG = {
    "two point five billion": 2,
    "one and a half million": 1_000_000,
    "two to three million": 5_000_000,
    "twenty five hundred": 200,
}
print("word2number 1.1")
results = {text: word_to_num(text) for text in RIGHT | WRONG}
for text, result in results.items():
    print(f"{text!r} is read as {result}")
assert all(results[text] == value for text, value in RIGHT.items())
assert all(results[text] == value for text, value in WRONG.items()), "this has changed"
PY
