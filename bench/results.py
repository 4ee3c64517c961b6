"""Write what a benchmark found: to the screen, as Markdown, and as JSON for `suite.py`."""

import argparse
import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import table

LIBRARIES: Final = (
    *("aiokafka", "confluent-kafka", "faust-streaming", "quixstreams", "openvino", "torch"),
    *("transformers", "tokenizers", "pydantic", "orjson", "uvloop", "numpy"),
)
"""Libraries whose versions a figure may depend on."""
INSTRUCTIONS: Final = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimddp")
"""Instructions of the processor that a model's speed depends on, as Linux calls them."""
_GIB: Final = 1 << 30


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where to write."""
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="for bench/suite.py")


def publish(
    title: str, rendered: str, runs: Sequence[Mapping[str, Any]], options: argparse.Namespace
) -> None:
    """Print a table, and write it where the options say.

    Args:
        title: What was measured, and how often.
        rendered: The table in Markdown.
        runs: Each run in numbers, in the order in which they were made.
        options: Those of `add_options`.
    """
    table.publish(title, rendered, options.markdown)
    if options.json:
        found = {"title": title, "table": rendered, "runs": runs, "when": f"{datetime.now(UTC):%F}"}
        text = json.dumps(found | {"machine": machine(), "versions": versions()}, indent=1)
        options.json.write_text(f"{text}\n")


def machine() -> dict[str, Any]:
    """Return what figures depend on in this machine."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    fields = {name.strip(): value.strip() for name, _, value in (it.partition(":") for it in lines)}
    flags = fields.get("flags", fields.get("Features", "")).split()
    return {
        "processor": fields.get("model name", platform.processor() or platform.machine()),
        "cores": os.cpu_count(),
        "instructions": [name for name in INSTRUCTIONS if name in flags],
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that are installed."""
    installed = {"Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return installed
