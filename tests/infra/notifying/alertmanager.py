"""A real Alertmanager: the one on this machine, or Debian's, unpacked and not installed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from tests.debian import debian_program

PACKAGE = "prometheus-alertmanager"
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
    return debian_program(PACKAGE, ("alertmanager", PACKAGE), _with_templates)


def _with_templates(folder: Path) -> None:
    """Let the program find its templates in ``folder``."""
    binary = folder / "usr" / "bin" / PACKAGE
    binary.write_bytes(binary.read_bytes().replace(_TEMPLATES, _TEMPLATES_HERE))


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
