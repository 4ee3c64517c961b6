#!/bin/sh
# python-stdnum calls every ISIN of an OTC derivative (EZ...) and of a crypto-asset (XT...) invalid.
#
# Version: python-stdnum 2.2.
# One would guess: stdnum.isin knows the prefixes that ISO 6166 has in use: EZ since 2017, for the swaps and options
# that MiFID II has reported, and XT since 2023, for crypto-assets.
# What happens: both prefixes are missing from its list, so is_valid() is False although length and check digit are
# right. Its list does have prefixes that no country has: XS, EU, QS.
# Who is hurt: whoever takes is_valid() as a filter for what a headline or a vendor's record names. The instruments of
# the largest market by notional, and bitcoin, drop out, as if they had been misspelt.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check python-stdnum==2.2
"$dir/venv/bin/python" - <<'PY'
from stdnum import isin

CODES = {
    "US0378331005": ("a share", True),
    "XS0104440986": ("a Eurobond", True),
    "EU000A1G0AB4": ("a bond of a European fund", True),
    "EZ4G5P8L56T7": ("a cross-currency swap", False),
    "EZ0JHV40BZ40": ("swaptions", False),
    "XTV15WLZJMF0": ("bitcoin", False),
}
for code, (thing, expected) in CODES.items():
    valid = isin.is_valid(code)
    digit = isin.calc_check_digit(code[:-1]) == code[-1]
    print(f"{code}  {thing:25} check digit {'right' if digit else 'WRONG'}  is_valid: {valid}")
    assert digit, f"{code} is misspelt here"
    assert valid is expected, f"{code} is {valid} now"
PY
