"""The jars of Apache Kafka: downloaded once, checked against ``jars.lock`` before every start."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from infra.file_lock import file_lock
from infra.kafka.error import EmbeddedKafkaError

KAFKA = "4.3.1"
"""The version of Apache Kafka."""

LOCK = Path(__file__).with_name("jars.lock")
"""The lock file; ``python -m infra.kafka.relock`` writes it."""

_MAX_PARALLEL_DOWNLOADS = 8
_DOWNLOAD_TIMEOUT_SECONDS = 30


class Jar(NamedTuple):
    """One line of the lock: SHA-256 of the file and its ``group:artifact:version``."""

    sha256: str
    coordinate: str

    @property
    def filename(self) -> str:
        """The file's name in Maven repositories."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def read_lock(path: Path = LOCK) -> tuple[Jar, ...]:
    """Return every jar on the broker's class path."""
    return tuple(Jar(*line.split()) for line in path.read_text().splitlines())


def class_path(
    cache: Path, jars: Iterable[Jar] | None = None, repository: str | None = None
) -> list[Path]:
    """Return the paths of the locked jars under ``cache``; download missing ones (about 45 MB).

    ``repository`` is the URL of a Maven repository, for users behind a mirror; the default is
    Maven Central. Without missing jars the network is not used. Several processes may share one
    ``cache``: one of them downloads, and a jar appears there only after it was checked.

    Raises:
        EmbeddedKafkaError: A jar differs from the lock, or can't be downloaded.
    """
    locked = read_lock() if jars is None else tuple(jars)
    directory = cache / f"kafka-{KAFKA}"
    if _missing(directory, locked):
        directory.mkdir(parents=True, exist_ok=True)
        with file_lock(cache / "jars.filling"):
            _download(directory, _missing(directory, locked), repository)
    for jar in locked:
        _check(directory / jar.filename, jar)
    return [directory / jar.filename for jar in locked]


def _missing(directory: Path, jars: Iterable[Jar]) -> list[Jar]:
    return [jar for jar in jars if not (directory / jar.filename).exists()]


def _check(path: Path, jar: Jar) -> None:
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != jar.sha256:
        raise EmbeddedKafkaError(
            f"{path} is not the jar that jars.lock names: its SHA-256 is {actual}, expected"
            f" {jar.sha256}; delete it and find out where it came from"
        )


def _download(directory: Path, missing: list[Jar], repository: str | None) -> None:
    """Download jars into a scratch repository, and move each to ``directory`` once checked.

    The user's own Maven repository, ``~/.m2``, is not touched.
    """
    try:
        from jgo.maven import MavenContext, PythonResolver
    except ImportError as error:
        raise EmbeddedKafkaError(
            "fetching Apache Kafka needs jgo: install newsquake[embedded]"
        ) from error

    with (
        TemporaryDirectory(prefix=".partial-", dir=directory) as scratch,
        ThreadPoolExecutor(_MAX_PARALLEL_DOWNLOADS) as pool,
    ):
        maven = MavenContext(
            repo_cache=Path(scratch),
            resolver=PythonResolver(),
            remote_repos={"mirror": repository} if repository else None,
            timeout=_DOWNLOAD_TIMEOUT_SECONDS,
        )

        def fetch(jar: Jar) -> Path:
            try:
                return maven.create_dependency(jar.coordinate).artifact.resolve()
            except (OSError, RuntimeError) as error:
                raise EmbeddedKafkaError(f"can't fetch {jar.coordinate}: {error}") from error

        for jar, path in zip(missing, pool.map(fetch, missing), strict=True):
            _check(path, jar)
            path.replace(directory / jar.filename)
