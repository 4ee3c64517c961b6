"""A Chromium without a window, driven over its own protocol: no driver has to be installed.

The browser is the one that CHROME_BIN names, one on the PATH, or that of `make browser`.
"""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp

from tools.install_chromium import chromium as installed_chromium

_START_SECONDS: Final = 60.0
_WAIT_SECONDS: Final = 60.0


class Page:
    """One page of the browser.

    Attributes:
        errors: What the page said that went wrong: exceptions, and violations of its policy.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.errors: list[str] = []
        self._socket = socket
        self._ids = count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())

    async def ask(self, method: str, **parameters: Any) -> Any:
        """Send a command of the protocol, and return its result."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, _WAIT_SECONDS)

    async def evaluate(self, script: str) -> Any:
        """Return the value of a script in the page."""
        result = await self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")

    async def wait_for(self, script: str, seconds: float = _WAIT_SECONDS) -> None:
        """Wait until a script is true."""
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        while not await self.evaluate(f"Boolean({script})"):
            if clock() > end:
                text = await self.evaluate("document.body.innerText")
                raise AssertionError(f"{script} was not true in {seconds} s; the page says: {text}")
            await asyncio.sleep(0.1)

    async def shows(self, selector: str, text: str = "", seconds: float = _WAIT_SECONDS) -> None:
        """Wait until the first element that ``selector`` finds is there, and has a text."""
        script = f"document.querySelector({json.dumps(selector)})"
        if text:
            script += f"?.textContent.includes({json.dumps(text)})"
        await self.wait_for(script, seconds)

    async def shows_many(self, selector: str, number: int, seconds: float = _WAIT_SECONDS) -> None:
        """Wait until ``selector`` finds at least so many elements."""
        found = f"document.querySelectorAll({json.dumps(selector)}).length"
        await self.wait_for(f"{found} >= {number}", seconds)

    async def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements that ``selector`` finds."""
        found = f"document.querySelectorAll({json.dumps(selector)})"
        texts: list[str] = await self.evaluate(f"[...{found}].map(e => e.textContent)")
        return texts

    async def click(self, selector: str) -> None:
        """Click the first element that ``selector`` finds."""
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    async def fill(self, selector: str, text: str) -> None:
        """Enter a text into a field."""
        field = f"document.querySelector({json.dumps(selector)})"
        await self.evaluate(f"{field}.value = {json.dumps(text)}")

    async def press(self, key: str, text: str = "") -> None:
        """Press a key, and let it go."""
        for kind in ("keyDown", "keyUp"):
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, text=text or key)

    async def open(self, url: str) -> None:
        """Go to an address."""
        await self.ask("Page.navigate", url=url)

    async def close(self) -> None:
        """Stop listening to the page."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        async for message in self._socket:
            content = message.json()
            if "id" in content:
                answer = self._answers.pop(content["id"])
                if not answer.done():
                    answer.set_result(content.get("result", content))
            elif content["method"] == "Runtime.exceptionThrown":
                details = content["params"]["exceptionDetails"]
                self.errors.append(str(details.get("exception", details).get("description")))
            elif content["method"] == "Log.entryAdded":
                entry = content["params"]["entry"]
                if entry["level"] == "error" and entry["source"] != "network":
                    self.errors.append(entry["text"])


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator["Browser"]:
    """Run a browser for the block; ``folder`` is for what it keeps."""
    path = installed_chromium(os.environ)
    assert path, "no Chromium: `make browser`, or name one in CHROME_BIN"
    process = subprocess.Popen(  # noqa: ASYNC220 - it starts at once
        [
            path,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder}",
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as http:
            yield Browser(http, await _port(folder, process))
    finally:
        process.kill()
        process.wait()


class Browser:
    """A running browser."""

    def __init__(self, http: aiohttp.ClientSession, port: int) -> None:
        self._http = http
        self._port = port

    @asynccontextmanager
    async def page(self, *, width: int = 1280, scheme: str = "light") -> AsyncIterator[Page]:
        """Open a page of its own."""
        base = f"http://127.0.0.1:{self._port}"
        async with self._http.put(f"{base}/json/new?about:blank") as answer:
            target = await answer.json(content_type=None)
        address = target["webSocketDebuggerUrl"]
        async with self._http.ws_connect(address, max_msg_size=0) as socket:
            page = Page(socket)
            for domain in ("Page", "Runtime", "Log"):
                await page.ask(f"{domain}.enable")
            await page.ask(
                "Emulation.setDeviceMetricsOverride",
                width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
            )  # fmt: skip
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            await page.ask("Emulation.setEmulatedMedia", features=features)
            try:
                yield page
            finally:
                await page.close()
                async with self._http.get(f"{base}/json/close/{target['id']}"):
                    pass


async def _port(folder: Path, process: "subprocess.Popen[bytes]") -> int:
    """Return the port that the browser wrote down."""
    file = folder / "DevToolsActivePort"
    async with asyncio.timeout(_START_SECONDS):
        while not (file.exists() and file.read_text().strip()):
            assert process.poll() is None, "the browser ended while it started"
            await asyncio.sleep(0.1)
    return int(file.read_text().split()[0])
