"""axe-core, which looks for faults that keep people out: got from npm by its name, and not ours.

Its licence is the MPL-2.0. It is kept in the user's cache, and nowhere in the repository.
"""

import os
import shutil
import subprocess
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest

from infra.cache_dir import user_cache_dir
from tests.dashboard.chromium import Page

VERSION: Final = "4.14.1"
SUM: Final = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
SERIOUS: Final = {"serious", "critical"}


def axe_script() -> str:
    """Return the script; a test that can't have it is left out, and says why."""
    file = user_cache_dir(os.environ) / f"axe-core-{VERSION}.js"
    if not file.exists() or sha256(file.read_bytes()).hexdigest() != SUM:
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("there is no npm here to get axe-core with")
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            pack = [npm, "pack", f"axe-core@{VERSION}", "--pack-destination", folder]
            try:
                subprocess.run(pack, cwd=folder, check=True, capture_output=True, timeout=60)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                pytest.skip(f"npm can't get axe-core: {error}")
            with tarfile.open(Path(folder, f"axe-core-{VERSION}.tgz")) as archive:
                member = archive.extractfile("package/axe.min.js")
                assert member
                content = member.read()
            assert sha256(content).hexdigest() == SUM, "npm sent another axe-core"
            part = Path(folder, "axe.js")
            part.write_bytes(content)
            part.rename(file)
    return file.read_text("utf-8")


async def faults(page: Page, script: str) -> list[Any]:
    """Return the serious faults of the page that is shown: each with its rule and an element."""
    await page.evaluate(f"{script};0")
    found = await page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations"
        ".map(fault => [fault.impact, fault.id, fault.nodes[0].html]))"
    )
    return [fault for fault in found if fault[0] in SERIOUS]
