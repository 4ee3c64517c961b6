#!/bin/sh
# pydantic reads GDELT's date 20261102093000 as 19 January 2612, and the ISO date 20261102 as 23 August 1970.
#
# Versions: pydantic 2.14.4; msgspec 0.23.0 beside it.
# One would guess: a field of type datetime takes ISO 8601, in which 20261102 is a valid calendar date (the basic
# format), or refuses what it can't read. GDELT dates each article by fourteen digits, as web archives do.
# What happens: any run of digits is a Unix time, also in a string. Eight digits are seconds, so 2026-11-02 lies in
# 1970; more than 2e10 are milliseconds, so 2026-11-02T09:30 lies in 2612. There is no error and no warning, and the
# result says UTC. msgspec refuses both strings unless it is lax; lax, it agrees on the first and refuses the second.
# Who is hurt: whoever validates news with a model. Articles of 1970 fall out of every retention, those of 2612 hold
# every watermark and every "newest first" for ever.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check pydantic==2.14.4 msgspec==0.23.0
"$dir/venv/bin/python" - <<'PY'
from datetime import datetime

import msgspec
import pydantic


class Article(pydantic.BaseModel):
    headline: str
    seen: datetime


def read(seen: str) -> str:
    """Return how pydantic reads an article seen at ``seen``."""
    article = Article.model_validate_json(f'{{"headline": "Shell raises its dividend", "seen": {seen}}}')
    print(f"pydantic {seen:18} -> {article.seen.isoformat()}")
    return article.seen.isoformat()


def lax(seen: str) -> str:
    """Return how msgspec reads ``seen`` when it may convert strings."""
    try:
        text = msgspec.convert(seen, datetime, strict=False).isoformat()
    except msgspec.ValidationError:
        text = "refused"
    print(f"msgspec  {seen:18} -> {text}")
    return text


assert read('"2026-11-02T09:30:00Z"') == "2026-11-02T09:30:00+00:00"
assert read('"20261102"') == "1970-08-23T12:05:02+00:00"
assert read('"20261102093000"') == "2612-01-19T11:54:53+00:00"
assert read("20261102093000") == "2612-01-19T11:54:53+00:00"
assert lax("20261102") == "1970-08-23T12:05:02+00:00"
assert lax("20261102093000") == "refused"
PY
