"""The tool that gets a browser, with the real apt-get, and an archive in a folder."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.cache_dir import user_cache_dir
from tools.install_chromium import PACKAGE, Unavailable, chromium, install

ROOT = Path(__file__).parents[2]
SHOWS = '#!/bin/sh\nexec cat "$(dirname "$0")/../shown/page"\n'
ENDS = "#!/bin/sh\nexit 3\n"


def package(folder: Path, name: str, files: dict[str, str], depends: str = "") -> str:
    """Build a package, and return its entry in the list of an archive."""
    built = folder / "built" / name
    fields = f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody\n"
    fields += f"Description: a test\n{f'Depends: {depends}' + chr(10) if depends else ''}"
    for path, content in {"DEBIAN/control": fields, **files}.items():
        file = built / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        if content.startswith("#!"):
            file.chmod(0o755)
    target = folder / f"{name}.deb"
    build = ["dpkg-deb", "--build", str(built), str(target)]
    subprocess.run(build, check=True, capture_output=True)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    return f"{fields}Filename: ./{target.name}\nSize: {target.stat().st_size}\nSHA256: {digest}\n\n"


def machine(folder: Path, program: str, *, has_archive: bool = True) -> dict[str, str]:
    """Return the environment of a machine whose only archive is a folder."""
    archive, state = folder / "archive", folder / "state"
    for path in (archive, state / "lists" / "partial", state / "cache" / "archives" / "partial"):
        path.mkdir(parents=True)
    library = {"usr/lib/shown/page": "<p>Newsquake</p>"}
    entries = package(archive, "nq-test-library", library)
    browser = {f"usr/lib/chromium/{PACKAGE}": program}
    entries += package(archive, PACKAGE, browser, "nq-test-library")
    (archive / "Packages").write_text(entries if has_archive else "")
    (state / "status").touch()
    (state / "sources").write_text(f"deb [trusted=yes] file:{archive} ./\n")
    (state / "apt.conf").write_text(
        f'Dir::State "{state}";\nDir::State::status "{state}/status";\n'
        f'Dir::Cache "{state}/cache";\nDir::Etc::sourcelist "{state}/sources";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
    )
    return {
        "PATH": f"{os.defpath}:/usr/bin:/bin",
        "HOME": str(folder),
        "APT_CONFIG": str(state / "apt.conf"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


@pytest.fixture(autouse=True)
def _without_other_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a browser of this machine be no answer."""
    monkeypatch.setattr("tools.install_chromium.NAMES", ())


def kept(environ: dict[str, str]) -> list[str]:
    """Return what is in the cache."""
    return sorted(path.name for path in (user_cache_dir(environ) / "chromium").iterdir())


def test_a_browser_and_what_it_needs_are_there_afterwards(tmp_path: Path) -> None:
    """The pages would not be tested on a machine without a browser."""
    environ = machine(tmp_path, SHOWS)
    assert chromium(environ) is None
    path = install(environ)
    assert chromium(environ) == path
    assert "Newsquake" in subprocess.run([path], capture_output=True, text=True, check=True).stdout
    assert kept(environ) == ["lock", "unpacked"]


def test_clones_side_by_side_share_one(tmp_path: Path) -> None:
    """Two runs of `make test` would unpack into one folder, and each see half a browser."""
    environ = machine(tmp_path, SHOWS)
    with ThreadPoolExecutor(3) as pool:
        paths = {future.result() for future in [pool.submit(install, environ) for _ in range(3)]}
    assert paths == {chromium(environ)}
    assert kept(environ) == ["lock", "unpacked"]


def test_a_run_that_was_killed_leaves_no_browser(tmp_path: Path) -> None:
    """Half a browser would be started for ever, and each test of a page fail."""
    environ = machine(tmp_path, SHOWS)
    half = user_cache_dir(environ) / "chromium" / "part-killed" / "unpacked"
    half.mkdir(parents=True)
    (half / "chromium").write_text(ENDS)
    assert chromium(environ) is None
    assert install(environ)
    assert kept(environ) == ["lock", "unpacked"]


def test_a_browser_that_shows_nothing_is_not_kept(tmp_path: Path) -> None:
    """A browser that lacks a library would be tried again and again, and never got anew."""
    environ = machine(tmp_path, ENDS)
    with pytest.raises(Unavailable):
        install(environ)
    assert (chromium(environ), kept(environ)) == (None, ["lock"])


def test_a_package_that_was_cut_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    """A download that broke off would be unpacked, and a test fail for no reason of ours."""
    environ = machine(tmp_path, SHOWS)
    cut = tmp_path / "archive" / f"{PACKAGE}.deb"
    cut.write_bytes(cut.read_bytes()[:-10])
    with pytest.raises(Unavailable, match="archive"):
        install(environ)
    assert (chromium(environ), kept(environ)) == (None, ["lock"])


def test_without_an_archive_it_says_so_in_one_line(tmp_path: Path) -> None:
    """Whoever has no network would wait, or read a traceback, and not know what was left out."""
    environ = machine(tmp_path, SHOWS, has_archive=False)
    said = subprocess.run(
        [sys.executable, "-m", "tools.install_chromium"],
        env=environ | {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stderr.startswith("no Chromium, so tests of the dashboard's pages are left out: ")
    assert said.stderr.count("\n") == 1
