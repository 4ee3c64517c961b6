"""A real Alertmanager: the one on this machine, or Debian's, unpacked and not installed."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from infra.cache_dir import user_cache_dir
from infra.file_lock import file_lock

PACKAGE = "prometheus-alertmanager"
_ADVICE = (
    "there is no Alertmanager for this test, and Debian's archive can't be reached by apt-get: "
    "put alertmanager on the path, or install prometheus-alertmanager. "
)
_TEMPLATES = b"/usr/share/prometheus/alertmanager"
_TEMPLATES_HERE = b"usr//share/prometheus/alertmanager"
"""Where Debian's program looks for its templates; as long, and below the working directory."""
CONFIG = """
route:
  receiver: test
  group_by: [alertname]
  group_wait: {wait}s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: test
    webhook_configs: [{{url: "{url}", send_resolved: true}}]
"""


def program() -> Path:
    """Return Alertmanager's program: that on the path, else Debian's, which is kept for next time.

    A test that can't have it fails, and says how to get it.
    """
    for name in ("alertmanager", PACKAGE):
        if installed := shutil.which(name):
            return Path(installed)
    cache = user_cache_dir(os.environ) / "alertmanager"
    cache.mkdir(parents=True, exist_ok=True)
    unpacked = cache / "unpacked"
    with file_lock(cache / "lock"):
        if not unpacked.exists():
            _unpack(cache, unpacked)
    return unpacked / "usr" / "bin" / PACKAGE


def _unpack(cache: Path, unpacked: Path) -> None:
    """Download the package, after a look at what the archive has if need be, and unpack it."""
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        for name in ("lists", "archives"):
            Path(folder, name, "partial").mkdir(parents=True)
        own = [f"-oDir::State::lists={folder}/lists", f"-oDir::Cache={folder}/archives"]
        try:
            if _apt(["download", PACKAGE], folder):
                errors = _apt([*own, "update"], folder) + _apt([*own, "download", PACKAGE], folder)
                assert list(Path(folder).glob("*.deb")), _ADVICE + errors
            (package,) = Path(folder).glob("*.deb")
            target = Path(folder, "unpacked")
            subprocess.run(["dpkg", "-x", package, target], check=True)  # noqa: S607 - Debian's
        except FileNotFoundError as error:
            raise AssertionError(_ADVICE + str(error)) from error
        binary = target / "usr" / "bin" / PACKAGE
        binary.write_bytes(binary.read_bytes().replace(_TEMPLATES, _TEMPLATES_HERE))
        target.rename(unpacked)


def _apt(arguments: list[str], folder: str) -> str:
    """Run apt-get, which needs no rights for this; return what it complained of if it failed."""
    command = ["apt-get", "-q", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return run.stderr if run.returncode else ""


@asynccontextmanager
async def alertmanager(folder: Path, receiver: str, wait: int) -> AsyncIterator[str]:
    """Run Alertmanager, which tells ``receiver``; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    config, log = folder / "alertmanager.yml", folder / "alertmanager.log"
    config.write_text(CONFIG.format(url=receiver, wait=wait))
    binary = await asyncio.to_thread(program)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            binary,
            f"--config.file={config}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            cwd=binary.parents[2],
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        await _wait_until_ready(url, process, log)
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _wait_until_ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            assert process.returncode is None, log.read_text()  # noqa: ASYNC240 - it has ended
            with suppress(aiohttp.ClientError):
                async with session.get(f"{url}/-/ready") as got:
                    if got.ok:
                        return
            await asyncio.sleep(0.1)
