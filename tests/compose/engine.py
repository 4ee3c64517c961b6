"""The engine that runs containers: the one that `docker` talks to, or one of the test's own."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 120.0
STOP_SECONDS = 60.0
ADVICE = (
    "there is no engine for this test: start Docker, or, as root, install Debian's with "
    "`apt-get install docker.io docker-compose iptables mmdebstrap`"
)


def answers(host: str | None = None) -> bool:
    """Return whether the engine at ``host`` answers; without it, the usual one."""
    if shutil.which("docker") is None:
        return False
    environ = os.environ | ({"DOCKER_HOST": host} if host else {})
    done = subprocess.run(["docker", "version"], capture_output=True, env=environ, check=False)  # noqa: S607 - where the PATH has it
    return done.returncode == 0


@contextmanager
def engine() -> Iterator[dict[str, str]]:
    """Yield the environment in which `docker` talks to an engine; end one that was started.

    A test that can have none fails, and says how to get one.
    """
    if answers():
        yield dict(os.environ)
        return
    assert shutil.which("dockerd"), ADVICE
    assert os.geteuid() == 0, ADVICE
    with tempfile.TemporaryDirectory(prefix="newsquake-engine-") as name:
        folder, log = Path(name), Path(name, "log")
        host = f"unix://{folder}/socket"
        command = ["dockerd", "--bridge", "none", "--host", host, "--pidfile", str(folder / "pid")]
        roots = ["--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
        with log.open("wb") as file:
            process = subprocess.Popen([*command, *roots], stdout=file, stderr=file)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(host):
                is_alive = process.poll() is None and time.monotonic() < deadline
                assert is_alive, f"dockerd does not start:\n{log.read_text()[-3_000:]}"
                time.sleep(0.5)
            yield os.environ | {"DOCKER_HOST": host}
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
            unmount(folder)


def unmount(folder: Path) -> None:
    """Unmount what an engine leaves mounted below its folder: the network of the host."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    below = [words[1] for line in lines if (words := line.split())[1].startswith(f"{folder}/")]
    for place in reversed(below):
        subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S607 - root's own
