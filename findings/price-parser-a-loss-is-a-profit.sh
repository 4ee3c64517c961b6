#!/bin/sh
# price-parser reads a loss of -$0.45 a share as 0.45, and a dividend of $0.125 as 125.
#
# Version: price-parser 0.5.1.
# One would guess: a sign before an amount is part of it; and a zero before the point says that the point is a decimal
# one, as no digits are grouped behind a zero.
# What happens: signs are passed over, before the currency, behind it, and in parentheses as accounts write it. Three
# digits behind the only point or comma are always taken for thousands, the zero too; two digits or four are not. So
# $0.12 is 0.12, $0.125 is 125, and $0.1250 is 0.125. An argument, decimal_separator, mends the second, not the first.
# Who is hurt: whoever reads earnings per share, dividends and quotes of pennies with it: a loss is a profit, and of all
# dividends those in tenths of a cent are a thousand times too high.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check price-parser==0.5.1
"$dir/venv/bin/python" - <<'PY'
from decimal import Decimal

from price_parser import Price


def amount(text: str, **options: str) -> Decimal:
    """Print and return what a text is read as."""
    result = Price.fromstring(text, **options).amount
    print(f"{text:8} is read as {result}", *(f"with {name}={value!r}" for name, value in options.items()))
    return result


print("price-parser 0.5.1")
assert amount("$0.12") == Decimal("0.12")
assert amount("$0.1250") == Decimal("0.1250")
assert amount("$0.125") == 125, "a zero before the point counts now"
assert amount("0,125 €") == 125, "a zero before the comma counts now"
assert amount("$0.125", decimal_separator=".") == Decimal("0.125")
for loss in ("-$0.45", "$-0.45", "-0.45 USD", "($0.45)"):
    assert amount(loss) == Decimal("0.45"), "a sign counts now"
assert amount("-$0.45", decimal_separator=".") == Decimal("0.45"), "a sign counts now"
PY
