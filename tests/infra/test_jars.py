import hashlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.kafka.error import EmbeddedKafkaError
from infra.kafka.jars import Jar, class_path, read_lock

CONTENT = b"not much of a jar"
JAR = Jar(hashlib.sha256(CONTENT).hexdigest(), "org.example:thing:1.0")
NOWHERE = "http://127.0.0.1:1"  # port 1 refuses

FILL = """
import sys
from pathlib import Path
from infra.kafka.jars import Jar, class_path
class_path(Path(sys.argv[1]), [Jar(sys.argv[2], sys.argv[3])], sys.argv[4])
"""


class Repository(NamedTuple):
    url: str
    asked: list[str]


@pytest.fixture
def repository() -> Iterator[Repository]:
    """A Maven repository that serves ``CONTENT`` for every jar, slowly."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_jar = self.path.endswith(".jar")
            asked.extend([self.path] if is_jar else [])
            threading.Event().wait(0.3)
            self.send_response(200 if is_jar else 404)
            self.send_header("Content-Length", str(len(CONTENT) if is_jar else 0))
            self.end_headers()
            self.wfile.write(CONTENT if is_jar else b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Repository(f"http://127.0.0.1:{server.server_port}", asked)
        server.shutdown()


def cached(cache: Path) -> list[str]:
    """Names of the jars that a later start would find."""
    return [path.name for path in cache.rglob("*.jar")]


def test_the_lock_is_complete_and_names_no_host() -> None:
    """A hole in the lock would start an unchecked jar; a host in it would tie users to a mirror."""
    lock = read_lock()
    assert "org.apache.kafka:kafka_2.13:4.3.1" in [jar.coordinate for jar in lock]
    assert len(lock) == len({jar.filename for jar in lock}) > 40
    assert all(re.fullmatch(r"[0-9a-f]{64} [\w.-]+:[\w.-]+:[\w.-]+", " ".join(jar)) for jar in lock)


def test_a_jar_is_fetched_once_and_then_never_again(tmp_path: Path, repository: Repository) -> None:
    """A second start that touched the network would fail on a train."""
    first = class_path(tmp_path, [JAR], repository.url)
    assert [path.read_bytes() for path in first] == [CONTENT]
    assert class_path(tmp_path, [JAR], NOWHERE) == first
    assert len(repository.asked) == 1


def test_a_changed_jar_is_refused(tmp_path: Path, repository: Repository) -> None:
    """A jar that somebody replaced in the cache would run with the user's rights."""
    (jar,) = class_path(tmp_path, [JAR], repository.url)
    jar.write_bytes(CONTENT + b"!")
    with pytest.raises(EmbeddedKafkaError, match=f"{jar} is not the jar that jars.lock names"):
        class_path(tmp_path, [JAR], NOWHERE)


def test_a_wrong_download_is_refused_and_not_kept(tmp_path: Path, repository: Repository) -> None:
    """A mirror that serves something else must not get it into the cache."""
    other = Jar("0" * 64, JAR.coordinate)
    with pytest.raises(EmbeddedKafkaError, match=r"thing-1\.0\.jar is not the jar"):
        class_path(tmp_path, [other], repository.url)
    assert cached(tmp_path) == []


def test_without_network_the_missing_jar_is_named(tmp_path: Path) -> None:
    """A first start offline must say what it wanted, not show a stack trace."""
    with pytest.raises(EmbeddedKafkaError, match=r"can't fetch org\.example:thing:1\.0: "):
        class_path(tmp_path, [JAR], NOWHERE)
    assert cached(tmp_path) == []


def test_two_processes_may_fill_the_cache_at_once(tmp_path: Path, repository: Repository) -> None:
    """Two sessions on a fresh machine would otherwise read each other's half-written jars."""
    argv = [sys.executable, "-c", FILL, str(tmp_path), *JAR, repository.url]
    both = [subprocess.Popen(argv) for _ in range(2)]
    assert [process.wait(30) for process in both] == [0, 0]
    assert class_path(tmp_path, [JAR], NOWHERE)[0].read_bytes() == CONTENT
    assert len(repository.asked) == 1
