"""Fetch a feed over HTTP: conditional, bounded in size and time, and polite."""

import asyncio
import re
import socket
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import httpx

from agents.retry_after import retry_after
from infra.http.public_address import is_public

MAX_REDIRECTS: Final = 5
_PERMANENT: Final = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_SECRET: Final = re.compile(
    r"((?:^|[?&])[^=&]*(?:key|token|secret|auth|pass)[^=&]*=)[^&#]*", re.IGNORECASE
)
_MAX_AGE: Final = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})")
_ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "application/json;q=0.9, text/xml;q=0.9, */*;q=0.5"
)


class FetchFailed(Exception):
    """A feed could not be fetched or read now.

    Attributes:
        kind: A short name of the failure, for metrics.
        retry_after: Seconds that the server asks to wait; 0 if it does not.
        is_gone: Whether the server says that the feed will not come back.
    """

    def __init__(
        self, kind: str, problem: str, retry_after: float = 0.0, *, is_gone: bool = False
    ) -> None:
        super().__init__(problem)
        self.kind = kind
        self.retry_after = retry_after
        self.is_gone = is_gone


class Validators(NamedTuple):
    """Marks that a server gave with a document, by which it tells that it is unchanged."""

    etag: str = ""
    modified: str = ""


class Fetched(NamedTuple):
    """An answer.

    Attributes:
        body: The document; None if it is unchanged.
        validators: What to send with the next request.
        moved: The address that the feed has for good now; empty if it did not move.
        max_age: Seconds for which the server says that the answer is fresh.
        charset: The encoding that the header names; empty if it names none.
    """

    body: bytes | None
    validators: Validators
    moved: str = ""
    max_age: float = 0.0
    charset: str = ""


class Limits(NamedTuple):
    """Bounds of a request.

    Attributes:
        max_bytes: Bytes of a document, after unpacking.
        seconds: Time for the whole answer, however slowly it drips.
        host_seconds: Time between two requests to one host.
        allow_private: Whether addresses are fetched that are not on the public internet.
    """

    max_bytes: int = 16 << 20
    seconds: float = 30.0
    host_seconds: float = 1.0
    allow_private: bool = False


class Destination(NamedTuple):
    """The address that a request goes to.

    Attributes:
        url: With the host's IP address, which was looked at, so that no other answers instead.
        headers: The name of the host.
        extensions: The name that a certificate must have.
    """

    url: httpx.URL
    headers: dict[str, str]
    extensions: dict[str, str]


class Fetcher:
    """Fetches feeds; requests to one host go out one after the other, with pauses.

    Whoever can name a feed, or answer with a redirect, could else have this process ask what only
    it can reach: a database without a password, or the metadata service of a cloud.
    """

    def __init__(self, user_agent: str, limits: Limits) -> None:
        self._limits = limits
        self._hosts: dict[str, tuple[asyncio.Lock, list[float]]] = {}
        self._client = httpx.AsyncClient(
            headers={"user-agent": user_agent, "accept": _ACCEPT},
            timeout=httpx.Timeout(limits.seconds),
        )

    async def fetch(self, address: str, validators: Validators) -> Fetched:
        """Fetch the feed at ``address``, unless it is as ``validators`` say.

        Raises:
            FetchFailed: It could not be fetched.
        """
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(address, validators)
        except TimeoutError:
            problem = f"took longer than {self._limits.seconds:g} s"
            raise FetchFailed("timeout", problem) from None
        except httpx.TimeoutException as error:
            problem = f"no answer in {self._limits.seconds:g} s ({type(error).__name__})"
            raise FetchFailed("timeout", problem) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = f"{type(error).__name__}: {error}"
            raise FetchFailed("connection", problem) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _follow(self, address: str, validators: Validators) -> Fetched:
        moved, is_permanent = "", True
        for _ in range(MAX_REDIRECTS + 1):
            await self.wait_for_turn(address)
            url, headers, extensions = await self.destination(httpx.URL(address))
            headers |= conditions(validators)
            async with self._client.stream(
                "GET", url, headers=headers, extensions=extensions
            ) as got:
                if not got.has_redirect_location:
                    return (await self.answer_of(got, validators))._replace(moved=moved)
                address = str(httpx.URL(address).join(got.headers["location"]))
                is_permanent = is_permanent and got.status_code in _PERMANENT
                moved = address if is_permanent else moved
        raise FetchFailed("redirects", f"leads through more than {MAX_REDIRECTS} redirects")

    async def destination(self, url: httpx.URL) -> Destination:
        """Return where a request for ``url`` goes; raise if that is not on the public internet."""
        if self._limits.allow_private:
            return Destination(url, {}, {})
        loop, port = asyncio.get_running_loop(), url.port or 0
        try:
            found = await loop.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            problem = f"{url.host} has no address ({error.strerror or error})"
            raise FetchFailed("connection", problem) from error
        addresses = [str(entry[4][0]) for entry in found]
        if private := next((address for address in addresses if not is_public(address)), ""):
            raise FetchFailed(
                "private address",
                f"{url.host} has the address {private}, which is not public; --allow-private "
                "fetches it all the same",
            )
        name = {"sni_hostname": url.host} if url.scheme == "https" else {}
        headers = {"host": url.netloc.decode("ascii")}
        return Destination(url.copy_with(host=addresses[0]), headers, name)

    async def wait_for_turn(self, address: str) -> None:
        """Wait until the host of ``address`` may be asked again."""
        lock, last = self._hosts.setdefault(httpx.URL(address).host, (asyncio.Lock(), [0.0]))
        async with lock:
            if last[0]:
                await asyncio.sleep(last[0] + self._limits.host_seconds - time.monotonic())
            last[0] = time.monotonic()

    async def answer_of(self, got: httpx.Response, validators: Validators) -> Fetched:
        """Return what an answer holds; raise if it is a failure."""
        status = got.status_code
        age = _MAX_AGE.search(got.headers.get("cache-control", ""))
        max_age = float(age[1]) if age else 0.0
        if status == HTTPStatus.NOT_MODIFIED:
            return Fetched(None, validators, max_age=max_age)
        if status != HTTPStatus.OK:
            raise FetchFailed(
                f"status {status}",
                f"the server answers {status} {got.reason_phrase}".rstrip(),
                retry_after(got.headers.get("retry-after", ""), datetime.now(UTC)),
                is_gone=status == HTTPStatus.GONE,
            )
        headers = got.headers
        fresh = Validators(headers.get("etag", ""), headers.get("last-modified", ""))
        return Fetched(
            await self.read_body(got), fresh, max_age=max_age, charset=got.charset_encoding or ""
        )

    async def read_body(self, got: httpx.Response) -> bytes:
        """Return the body of an answer, unpacked; raise once it is too large."""
        body = bytearray()
        async for chunk in got.aiter_bytes(1 << 16):
            body += chunk
            if len(body) > self._limits.max_bytes:
                problem = f"has more than {self._limits.max_bytes} bytes; --max-bytes allows more"
                raise FetchFailed("too large", problem)
        return bytes(body)


def shown(address: str) -> str:
    """Return an address for people and logs, without the secrets in it.

    >>> shown("https://me:pw@feeds.example/rss?apikey=1234&q=acme")
    'https://feeds.example/rss?apikey=***&q=acme'
    """
    try:
        url = str(httpx.URL(address).copy_with(userinfo=b""))
    except httpx.InvalidURL:
        return address
    return _SECRET.sub(r"\1***", url)


def conditions(validators: Validators) -> dict[str, Any]:
    """Return the headers of a conditional request."""
    pairs = {"if-none-match": validators.etag, "if-modified-since": validators.modified}
    return {name: value for name, value in pairs.items() if value}
