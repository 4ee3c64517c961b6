"""The large encoder is put together from the parts of its packages, whole or not at all."""

import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from infra.cache_dir import user_cache_dir
from nlp.classifier import ModelMissing
from nlp.transformer import large_encoder
from nlp.transformer.large_encoder import MPNET, Archive, cache_dir, find_parts, is_here, unpacked

FILES = {
    "config.json": b'{"model_type": "mpnet"}',
    "model.safetensors": Random(1).randbytes(700_000),
    "vocab.txt": b"shares\n" * 90_000,
}
PARTS = 3
Site = tuple[Archive, Path]
Installer = Callable[[str], Site]
UNPACK = """
import sys
from pathlib import Path
from nlp.transformer.large_encoder import Archive, unpacked
site, cache, name, *digests = sys.argv[1:]
sys.path.insert(0, site)
print(unpacked(Archive(name, 3, dict(zip(digests[::2], digests[1::2]))), Path(cache)))
"""
LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    """Return a function that installs an archive of `FILES` in parts, under a name of its own."""

    def make(name: str) -> Site:
        archive = Archive(name, PARTS, {it: sha256(data).hexdigest() for it, data in FILES.items()})
        stored = BytesIO()
        with ZipFile(stored, "w", ZIP_DEFLATED) as zipped:
            zipped.writestr(f"{name}/README.md", "of no use here")
            for file, data in FILES.items():
                zipped.writestr(f"{name}/{file}", data)
        data = stored.getvalue()
        size = len(data) // PARTS + 1
        site = tmp_path / "site"
        for part in range(1, PARTS + 1):
            package = site / archive.module(part)
            (package / "input").mkdir(parents=True)
            (package / "__init__.py").write_text("raise RuntimeError('code of the package ran')")
            path = package / "input" / f"{name}.zip.{part:03}"
            path.write_bytes(data[(part - 1) * size : part * size])
        monkeypatch.syspath_prepend(str(site))
        return archive, site

    return make


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the content of each file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def command(archive: Archive, site: Path, cache: Path, *, before: str = "") -> list[str]:
    """Return the command line of a process that unpacks an archive."""
    digests = [text for pair in archive.digests.items() for text in pair]
    return [sys.executable, "-c", before + UNPACK, str(site), str(cache), archive.name, *digests]


def test_the_parts_become_the_files(install: Installer, tmp_path: Path) -> None:
    """The large model could not be loaded, or would run the code of a package."""
    archive, _ = install("tiny-whole")
    folder = unpacked(archive, tmp_path / "cache")
    assert files_in(folder) == FILES
    assert unpacked(archive, tmp_path / "cache") == folder


def test_a_damaged_file_in_the_cache_is_unpacked_again(install: Installer, tmp_path: Path) -> None:
    """A model with altered weights would give other answers without a word."""
    archive, _ = install("tiny-altered")
    folder = unpacked(archive, tmp_path / "cache")
    (folder / "model.safetensors").write_bytes(FILES["model.safetensors"][:-1] + b"?")
    (folder / "vocab.txt").unlink()
    assert files_in(unpacked(archive, tmp_path / "cache")) == FILES


def test_what_a_killed_process_left_is_never_used(install: Installer, tmp_path: Path) -> None:
    """Half an encoder would be loaded, and half a gigabyte would stay for ever."""
    archive, _ = install("tiny-killed")
    draft = tmp_path / "cache" / ".tiny-killed.part123"
    draft.mkdir(parents=True)
    (draft / "model.safetensors").write_bytes(b"half")
    assert files_in(unpacked(archive, tmp_path / "cache")) == FILES
    assert not draft.exists()


@pytest.mark.parametrize("harm", ["altered", "cut", "another"])
def test_damaged_parts_are_an_error_and_leave_nothing(
    install: Installer, tmp_path: Path, harm: str
) -> None:
    """A worker would start with weights that are not those of the encoder."""
    archive, site = install(f"tiny-{harm}")
    second = site / archive.module(2) / "input" / f"{archive.name}.zip.002"
    data = second.read_bytes()
    if harm == "altered":
        second.write_bytes(data[:9] + bytes([data[9] ^ 255]) + data[10:])
    elif harm == "cut":
        second.write_bytes(data[: len(data) // 2])
    else:
        archive = archive._replace(digests={**archive.digests, "vocab.txt": "0" * 64})
    problem = "vocab.txt .* another file" if harm == "another" else "parts .* are damaged"
    with pytest.raises(ModelMissing, match=rf"{problem}.*install newsquake\[large\] again"):
        unpacked(archive, tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [f"{archive.name}.lock"]


def test_a_missing_part_is_named(install: Installer, tmp_path: Path) -> None:
    """The user would not know which package to install again."""
    archive, site = install("tiny-missing")
    (site / archive.module(2) / "input" / "tiny-missing.zip.002").unlink()
    with pytest.raises(ModelMissing, match=r"^tiny-missing-pypi-part-002 can't be found: install"):
        unpacked(archive, tmp_path / "cache")


def test_without_the_packages_the_extra_is_named(tmp_path: Path) -> None:
    """The user would read a traceback about a module that nobody has heard of."""
    with pytest.raises(ModelMissing, match=r"not installed: install newsquake\[large\], or choose"):
        unpacked(Archive("tiny-absent", PARTS, {"config.json": "0" * 64}), tmp_path)


def test_it_is_here_with_its_packages_or_once_unpacked(
    install: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A graphics card would run the small model, or a worker not start for want of a package."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(large_encoder, "MPNET", Archive("tiny-nowhere", PARTS, {}))
    assert not is_here()
    archive, site = install("tiny-here")
    monkeypatch.setattr(large_encoder, "MPNET", archive)
    assert is_here()
    unpacked(archive, cache_dir(os.environ))
    (site / archive.module(2) / "input" / "tiny-here.zip.002").unlink()
    assert is_here()
    monkeypatch.setattr(large_encoder, "MPNET", archive._replace(name="tiny-gone"))
    assert not is_here()


def test_two_processes_at_once_get_the_same_whole_folder(
    install: Installer, tmp_path: Path
) -> None:
    """Workers that start together would load half an encoder, or remove each other's."""
    archive, site = install("tiny-twice")
    argv = command(archive, site, tmp_path / "cache")
    both = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    folders = {process.communicate()[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    (folder,) = folders
    assert files_in(Path(folder)) == FILES
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {
        "tiny-twice",
        "tiny-twice.lock",
    }


def test_a_full_disk_is_one_line_and_leaves_nothing(install: Installer, tmp_path: Path) -> None:
    """Half an encoder would fill the rest of the disk at each start, with a traceback."""
    archive, site = install("tiny-full")
    argv = command(archive, site, tmp_path / "cache", before=LIMIT)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert "ModelMissing: tiny-full can't be unpacked" in last
    assert "make room for 450 MB there, or set XDG_CACHE_HOME" in last
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["tiny-full.lock"]


@pytest.mark.parametrize("home", ["", "relative", "/somewhere"])
def test_the_cache_is_where_all_else_is_cached(home: str) -> None:
    """Whoever clears the cache, or mounts another disk there, would miss half a gigabyte."""
    environ = {**os.environ, "XDG_CACHE_HOME": home}
    assert cache_dir(environ) == user_cache_dir(environ)


def test_the_packages_are_those_of_the_extra() -> None:
    """The extra would install parts of something else, or one too few."""
    import tomllib

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    extra = project["project"]["optional-dependencies"]["large"]
    pinned = [f"{MPNET.package(part)}==0.0.1" for part in range(1, MPNET.parts + 1)]
    assert extra == ["newsquake[cpu]", *pinned]
    with pytest.raises(ModelMissing, match="all-mpnet-base-v2"):
        find_parts(MPNET._replace(parts=0))
