"""The pages: files beside this room, read once when the dashboard starts."""

from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

FOLDER: Final = Path(__file__).parents[1] / "assets"
PAGES: Final = ("/", "/alerts", "/alerts/{id}", "/subjects/{id}", "/articles/{id}", "/flow")
"""The addresses of pages; the browser draws each of them from one file."""
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


class Asset(NamedTuple):
    """A file as it is sent."""

    body: bytes
    kind: str
    tag: str


class Assets:
    """All files by their path under the folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in _TYPES
        }

    async def page(self, request: web.Request) -> web.Response:
        """Answer with the one page."""
        return self._answer(request, "index.html")

    async def missing(self, request: web.Request) -> web.Response:
        """Answer with the page for an address that has none; it says so."""
        response = self._answer(request, "index.html")
        response.set_status(404)
        return response

    async def file(self, request: web.Request) -> web.Response:
        """Answer with a file."""
        return self._answer(request, request.match_info["path"])

    def _answer(self, request: web.Request, path: str) -> web.Response:
        asset = self._assets.get(path)
        if asset is None:
            raise web.HTTPNotFound(text="there is no such file")
        headers = {"ETag": asset.tag, "Cache-Control": "no-cache", "Content-Type": asset.kind}
        if request.headers.get("If-None-Match") == asset.tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=asset.body, headers=headers)


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, _TYPES[path.suffix], f'"{sha256(body).hexdigest()[:20]}"')
