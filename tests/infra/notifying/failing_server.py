"""An HTTP server that fails in every way that servers do, and notes what it was sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HANGS = "hangs"
DRIPS = "drips"


@dataclass
class FailingServer:
    """Answers with what ``answers`` hold, one a request, the last one for ever.

    Attributes:
        answers: Raw answers, or the name of a way to fail.
        requests: The heads and bodies that came.
        port: The port on this machine.
    """

    answers: list[bytes | str]
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}/hook/t0ps3cret"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line.partition(":")[2])
                for line in head.splitlines()
                if line.lower().startswith("content-length:")
            )
            self.requests.append((head, await reader.readexactly(length)))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            await self._answer(answer, writer)
        writer.close()

    async def _answer(self, answer: bytes | str, writer: asyncio.StreamWriter) -> None:
        if answer == HANGS:
            await asyncio.sleep(30)
        elif answer == DRIPS:
            for byte in b"HTTP/1.1 200 OK\r\nx-never: " + b"x" * 1_000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        elif isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()


def answer(status: str, body: str = "", *headers: str, length: int | None = None) -> bytes:
    """Return a raw answer; with a larger ``length`` it is cut off in the body."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"content-length: {size}", *headers, "", body]
    return "\r\n".join(lines).encode()


@asynccontextmanager
async def failing_server(*answers: bytes | str) -> AsyncIterator[FailingServer]:
    """Run a server on a free port."""
    state = FailingServer(list(answers))
    server = await asyncio.start_server(state.serve, "127.0.0.1", 0)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
