"""A real Alertmanager: the one on this machine, or Debian's, unpacked and not installed."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

PACKAGE = "prometheus-alertmanager"
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


def program(folder: Path) -> str:
    """Return the path of Alertmanager; take it from Debian's archive if there is none."""
    for name in ("alertmanager", PACKAGE):
        if installed := shutil.which(name):
            return installed
    unpacked = folder / "unpacked" / "usr" / "bin" / PACKAGE
    if not unpacked.exists():
        for command in (["apt-get", "download", PACKAGE], ["dpkg", "-x"]):
            files = [str(file) for file in folder.glob("*.deb")]
            extra = [*files, str(folder / "unpacked")] if command[0] == "dpkg" else []
            subprocess.run([*command, *extra], cwd=folder, check=True, capture_output=True)
    return str(unpacked)


@asynccontextmanager
async def alertmanager(folder: Path, receiver: str, wait: int) -> AsyncIterator[str]:
    """Run Alertmanager, which tells ``receiver``; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG.format(url=receiver, wait=wait))
    process = await asyncio.create_subprocess_exec(
        await asyncio.to_thread(program, folder),
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await _wait_until_ready(url)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def _wait_until_ready(url: str) -> None:
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/-/ready") as got:
                    if got.ok:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
