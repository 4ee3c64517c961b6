"""Programs of Debian's packages for tests, unpacked into the user's cache and not installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.cache_dir import user_cache_dir
from infra.file_lock import file_lock


def debian_program(
    package: str,
    names: Sequence[str],
    prepare: Callable[[Path], None] = lambda _: None,
) -> Path:
    """Return a program: that on the path under one of ``names``, else the package's, kept after.

    A package is in the cache whole or not at all, after ``prepare`` has seen its folder. A test
    that can't have it fails, and says how to get it.
    """
    for name in names:
        if installed := shutil.which(name):
            return Path(installed)
    cache = user_cache_dir(os.environ) / package.removeprefix("prometheus-")
    cache.mkdir(parents=True, exist_ok=True)
    unpacked = cache / "unpacked"
    with file_lock(cache / "lock"):
        if not unpacked.exists():
            _unpack(package, cache, unpacked, prepare)
    return next(path for name in names if (path := unpacked / "usr" / "bin" / name).exists())


def _unpack(package: str, cache: Path, unpacked: Path, prepare: Callable[[Path], None]) -> None:
    """Download the package, after a look at what the archive has if need be, and unpack it."""
    advice = (
        f"there is no {package} for this test, and Debian's archive can't be reached by apt-get: "
        f"put its program on the path, or install {package}. "
    )
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        for name in ("lists", "archives"):
            Path(folder, name, "partial").mkdir(parents=True)
        own = [f"-oDir::State::lists={folder}/lists", f"-oDir::Cache={folder}/archives"]
        try:
            if _apt(["download", package], folder):
                errors = _apt([*own, "update"], folder) + _apt([*own, "download", package], folder)
                assert list(Path(folder).glob("*.deb")), advice + errors
            (file,) = Path(folder).glob("*.deb")
            target = Path(folder, "unpacked")
            subprocess.run(["dpkg", "-x", file, target], check=True)  # noqa: S607 - Debian's
        except FileNotFoundError as error:
            raise AssertionError(advice + str(error)) from error
        prepare(target)
        target.rename(unpacked)


def _apt(arguments: list[str], folder: str) -> str:
    """Run apt-get, which needs no rights for this; return what it complained of if it failed."""
    command = ["apt-get", "-q", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return run.stderr if run.returncode else ""
