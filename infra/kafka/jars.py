"""The jars of Apache Kafka, fetched once, and checked against ``jars.lock`` before every start."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from infra.file_lock import file_lock
from infra.kafka.failure import EmbeddedKafkaError

KAFKA = "4.3.1"
LOCK = Path(__file__).with_name("jars.lock")

_DOWNLOADS = 8  # at a time
_TIMEOUT_SECONDS = 30


class Jar(NamedTuple):
    """One line of the lock: SHA-256 of the file and its ``group:artifact:version``."""

    sha256: str
    coordinate: str

    @property
    def filename(self) -> str:
        """As Maven repositories name it."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def read_lock(path: Path = LOCK) -> tuple[Jar, ...]:
    """Every jar that the broker's class path consists of."""
    return tuple(Jar(*line.split()) for line in path.read_text().splitlines())


def class_path(
    cache: Path, jars: Iterable[Jar] | None = None, repository: str | None = None
) -> list[Path]:
    """Paths of the locked jars under ``cache``, fetching those that are not there (about 45 MB).

    ``repository`` is the URL of a Maven repository, for those behind a mirror; by default it is
    Maven Central. When all jars are there, nothing but the disk is touched. Any number of processes
    may call this at once on one ``cache``: one fetches, and a jar appears only whole and checked.

    Raises:
        EmbeddedKafkaError: a jar differs from the lock, or can't be fetched.
    """
    locked = read_lock() if jars is None else tuple(jars)
    directory = cache / f"kafka-{KAFKA}"
    if _missing(directory, locked):
        directory.mkdir(parents=True, exist_ok=True)
        with file_lock(cache / "jars.filling"):
            _fill(directory, _missing(directory, locked), repository)
    return [_checked(directory / jar.filename, jar) for jar in locked]


def _missing(directory: Path, jars: Iterable[Jar]) -> list[Jar]:
    return [jar for jar in jars if not (directory / jar.filename).exists()]


def _checked(path: Path, jar: Jar) -> Path:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise EmbeddedKafkaError(
            f"{path} is not the jar that jars.lock names: SHA-256 {found}, expected {jar.sha256};"
            " delete it and look where it came from"
        )
    return path


def _fill(directory: Path, missing: list[Jar], repository: str | None) -> None:
    with (
        TemporaryDirectory(prefix=".partial-", dir=directory) as partial,
        ThreadPoolExecutor(_DOWNLOADS) as pool,
    ):
        fetched = pool.map(_Fetch(Path(partial), repository), missing)
        for jar, path in zip(missing, fetched, strict=True):
            _checked(path, jar).replace(directory / jar.filename)


class _Fetch:
    """Downloads a jar into a scratch Maven repository; the user's own ``~/.m2`` stays untouched."""

    def __init__(self, scratch: Path, repository: str | None) -> None:
        try:
            from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - only to fetch
        except ImportError as error:
            raise EmbeddedKafkaError(
                "fetching Apache Kafka needs jgo: install newsquake[embedded]"
            ) from error
        self._maven = MavenContext(
            repo_cache=scratch,
            resolver=PythonResolver(),
            remote_repos={"mirror": repository} if repository else None,
            timeout=_TIMEOUT_SECONDS,
        )

    def __call__(self, jar: Jar) -> Path:
        try:
            return self._maven.create_dependency(jar.coordinate).artifact.resolve()
        except (OSError, RuntimeError) as error:
            raise EmbeddedKafkaError(f"can't fetch {jar.coordinate}: {error}") from error
