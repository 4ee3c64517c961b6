"""Check this program: its versions, and what its libraries can read."""

import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import Final

from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, ok, warning

_PACKAGES: Final = ("newsquake", "aiokafka", "faust-streaming")
_CODECS: Final = {
    "zstd": "aiokafka[zstd]",
    "lz4": "aiokafka[lz4]",
    "snappy": "aiokafka[snappy]",
}
"""What to install to read what producers compress with a codec."""


async def versions(_: Examination) -> Iterator[Finding]:
    """Tell the versions, and the codecs that are missing."""
    from aiokafka import codec

    names = [f"{name} {version(name)}" for name in _PACKAGES]
    text = f"Python {platform.python_version()}, {', '.join(names)}"
    missing = [name for name in _CODECS if not getattr(codec, f"has_{name}")()]
    return judge_codecs(text, missing)


def judge_codecs(text: str, missing: list[str]) -> Iterator[Finding]:
    """Yield the versions, and the codecs that are missing."""
    if missing:
        packages = " ".join(f"'{_CODECS[name]}'" for name in missing)
        detail = f"{text}; records that are compressed with {' or '.join(missing)} can't be read"
        yield warning(detail, f"if producers use it, run `pip install {packages}`")
    else:
        yield ok(text)
