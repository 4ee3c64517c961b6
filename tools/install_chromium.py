"""Get a Chromium for the browser tests: ``python -m tools.install_chromium``, which needs no root.

It is Debian's `chromium-headless-shell` with the libraries that this machine lacks, unpacked into
the user's cache and not installed. It is put there whole, after it has shown a page, under a lock:
a run that is killed leaves nothing that is taken for a browser, and clones side by side share one.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.cache_dir import user_cache_dir
from infra.file_lock import file_lock

NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PACKAGE: Final = "chromium-headless-shell"
LIMIT_SECONDS: Final = 120.0
"""It takes 12 s on two idle cores."""
_NETWORK_SECONDS: Final = 10
"""A server that says nothing for so long is away."""
_START_SECONDS: Final = 20.0
_PAGE: Final = "<p>Newsquake</p>"
_SCRIPT: Final = """#!/bin/sh
root=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH={libraries} exec "$root/{program}" "$@"
"""


class Unavailable(Exception):
    """There is no Chromium, and none can be had; the message says why."""


def chromium(environ: Mapping[str, str]) -> str | None:
    """Return the browser that CHROME_BIN names, or the one on the PATH, or the one in the cache."""
    if named := environ.get("CHROME_BIN"):
        return named
    path = environ.get("PATH")
    on_path = (shutil.which(name, path=path) for name in NAMES)
    cached = _folder(environ) / "unpacked" / "chromium"
    return next(filter(None, on_path), str(cached) if cached.exists() else None)


def install(environ: Mapping[str, str], seconds: float = LIMIT_SECONDS) -> str:
    """Return the path of a browser, which is got from Debian's archive if there is none.

    Raises:
        Unavailable: It can't be had within ``seconds``.
    """
    if present := chromium(environ):
        return present
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program, path=environ.get("PATH")) is None:
            raise Unavailable(f"there is no {program} here")
    cache = _folder(environ)
    cache.mkdir(parents=True, exist_ok=True)
    with file_lock(cache / "lock"):
        if present := chromium(environ):
            return present
        for killed in cache.glob("part-*"):
            shutil.rmtree(killed, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="part-", dir=cache) as part:
            end = time.monotonic() + seconds
            unpacked = _Archive(Path(part), environ, end).unpack()
            unpacked.rename(cache / "unpacked")
    return str(cache / "unpacked" / "chromium")


def _folder(environ: Mapping[str, str]) -> Path:
    return user_cache_dir(environ) / "chromium"


class _Archive:
    """Debian's archive, asked from a folder of our own.

    Args:
        folder: It is empty, and thrown away later.
        environ: The environment of the programs that run.
        end: Monotonic time at which the work must be done.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], end: float) -> None:
        self._folder = folder
        self._environ = dict(environ)
        self._end = end
        self._options = ["-q", "-oAPT::Sandbox::User=root", "-oAcquire::Retries=0"]
        for method in ("http", "https"):
            self._options.append(f"-oAcquire::{method}::Timeout={_NETWORK_SECONDS}")

    def unpack(self) -> Path:
        """Return the folder with the browser and its libraries, which has shown a page."""
        try:
            self._download()
        except Unavailable:
            # The lists of this machine may be missing, or name what the archive has replaced.
            for name in ("lists", "archives"):
                (self._folder / name / "partial").mkdir(parents=True)
            self._options.append(f"-oDir::State::lists={self._folder / 'lists'}")
            self._options.append(f"-oDir::Cache={self._folder / 'archives'}")
            self._apt("update")
            try:
                self._download()
            except Unavailable as error:
                text = f"Debian's archive can't be reached, or does not have it: {error}"
                raise Unavailable(text) from None
        target = self._folder / "unpacked"
        for package in sorted(self._folder.glob("*.deb")):
            self._run(["dpkg-deb", "-x", str(package), str(target)])
        programs = [path for path in target.rglob(PACKAGE) if path.parent.name == "chromium"]
        if not programs:
            raise Unavailable(f"Debian's {PACKAGE} has no program in a folder of that name")
        libraries = sorted({str(path.parent.relative_to(target)) for path in target.rglob("*.so*")})
        script = target / "chromium"
        script.write_text(
            _SCRIPT.format(
                libraries=":".join(f'"$root/{name}"' for name in libraries),
                program=programs[0].relative_to(target),
            )
        )
        script.chmod(0o755)
        self._show(script)
        return target

    def _download(self) -> None:
        """Download the package, and what it depends on and this machine does not have."""
        plan = self._apt("install", "--simulate", "--no-install-recommends", PACKAGE)
        names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
        self._apt("download", *names)

    def _show(self, script: Path) -> None:
        """Let the browser show a page."""
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        profile = f"--user-data-dir={self._folder / 'profile'}"
        page = f"data:text/html,{_PAGE}"
        if _PAGE not in self._run([str(script), *options, profile, page], _START_SECONDS):
            raise Unavailable("the browser of Debian's archive shows no page here")

    def _apt(self, *arguments: str) -> str:
        return self._run(["apt-get", *self._options, *arguments])

    def _run(self, command: list[str], seconds: float = float("inf")) -> str:
        """Return the output of a command that ends well in time."""
        left = min(seconds, self._end - time.monotonic())
        name = Path(command[0]).name
        try:
            run = subprocess.run(  # noqa: S603 - commands of this module
                command,
                cwd=self._folder,
                env=self._environ | {"LC_ALL": "C.UTF-8"},
                capture_output=True,
                text=True,
                check=False,
                timeout=max(0.0, left),
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"{name} takes too long: give it more with --seconds") from None
        if run.returncode:
            said = [line for line in run.stderr.splitlines() if line[:2] in {"E:", "W:"}]
            raise Unavailable(f"{name}: {(said or run.stderr.splitlines() or ['it failed'])[0]}")
        return run.stdout


def main() -> int:
    """Print the path of a browser; return 1 and say why if there is none."""
    parser = argparse.ArgumentParser(description="Get a Chromium for the browser tests.")
    parser.add_argument("--seconds", type=float, default=LIMIT_SECONDS, help="give up after these")
    seconds = parser.parse_args().seconds
    try:
        path = install(os.environ, seconds)
    except (Unavailable, OSError) as error:
        sys.stderr.write(f"no Chromium, so tests of the dashboard's pages are left out: {error}\n")
        return 1
    sys.stdout.write(f"Chromium: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
