"""The cluster of a run: brokers of its own, perhaps behind a proxy or on a small disk."""

import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.port import free_ports
from infra.kafka.properties import HOST
from tests.streams.proxy import Proxy

Kind = Literal["one broker", "three brokers", "behind a proxy", "on a small disk", "another clock"]

_DISK_BYTES = 192 << 20
_TIGHT_BYTES = 64 << 10
"""So much may still be written to a full disk: a part of what is under way."""
_SMALL_SEGMENTS = {"log.segment.bytes": str(1 << 20), "log.index.size.max.bytes": str(64 << 10)}


class Disk:
    """The disk of a broker, which can be filled.

    It is a small tmpfs where this process may mount one. Elsewhere the size of the broker's files
    is limited (``RLIMIT_FSIZE``), which the broker takes for the same fault.

    Attributes:
        method: The way in which the disk becomes full, in words.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ballast = directory / "ballast"
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(directory)]
        try:
            done = subprocess.run(mount, capture_output=True, check=False)
            self._is_mounted = done.returncode == 0
        except OSError:
            self._is_mounted = False
        self.method = "a tmpfs without room" if self._is_mounted else "RLIMIT_FSIZE"

    def fill(self, pid: int) -> None:
        """Leave almost no room for the broker with this process id."""
        if not self._is_mounted:
            files = [path for path in self._directory.rglob("*.log") if path.is_file()]
            limit = max(path.stat().st_size for path in files) + _TIGHT_BYTES
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            return
        with self._ballast.open("wb") as file:
            while (free := self._free_bytes()) > _TIGHT_BYTES:
                # The broker writes meanwhile, and may have taken what was free.
                with suppress(OSError):
                    os.posix_fallocate(file.fileno(), 0, free - _TIGHT_BYTES)
                    return

    def _free_bytes(self) -> int:
        status = os.statvfs(self._directory)
        return status.f_bavail * status.f_frsize

    def free(self) -> None:
        """Make room again; a limit ends with the process that it is for."""
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount."""
        if self._is_mounted:
            umount = ["umount", "--lazy", str(self._directory)]
            subprocess.run(umount, check=False)


@dataclass
class Site:
    """A cluster, and what can be done to it.

    Attributes:
        kafka: The brokers.
        data: The directory of their data.
        bootstrap: The address for clients.
        brokers: The number of brokers.
        proxy: The proxy that clients go through, if there is one.
        disk: The small disk, if there is one.
    """

    kafka: EmbeddedKafka
    data: Path
    bootstrap: str
    brokers: int = 1
    proxy: Proxy | None = None
    disk: Disk | None = None


@contextmanager
def opened(kind: Kind, jars: Path) -> Iterator[Site]:
    """Start the brokers, and kill them at the end."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(_directory()))
        disk = Disk(data) if kind == "on a small disk" else None
        if disk:
            stack.callback(disk.close)
        count = 3 if kind == "three brokers" else 1
        port, front = free_ports(2) if kind == "behind a proxy" else (0, 0)
        special: Mapping[str, str] = _SMALL_SEGMENTS if disk else {}
        if front:
            special = {"advertised.listeners": f"PLAINTEXT://{HOST}:{front}"}
        kafka = EmbeddedKafka(
            jars, brokers=count, port=port, data=data / "kafka", properties=special
        )
        kafka.start()
        stack.callback(_kill_all, kafka, count)
        proxy = stack.enter_context(Proxy(front, port)) if front else None
        bootstrap = f"{HOST}:{front}" if front else kafka.bootstrap
        yield Site(kafka, data / "kafka", bootstrap, count, proxy, disk)


@contextmanager
def _directory() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="newsquake-chaos-", ignore_cleanup_errors=True) as name:
        yield name


def _kill_all(kafka: EmbeddedKafka, count: int) -> None:
    """Kill the brokers before they are stopped: an orderly shutdown of three takes long."""
    for broker in range(count):
        with suppress(ProcessLookupError):
            kafka.kill(broker)
    kafka.stop()
