"""The site, built as `make docs` builds it."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tools.docs_site.sections import placed

ROOT = Path(__file__).parents[2]
BUILD = [
    sys.executable,
    "-m",
    "sphinx",
    "-n",
    "-W",
    "--keep-going",
    "-q",
    "-j",
    "2",
    "-c",
    "docs",
    ".",
]
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
"""Attributes by which a page loads something, without being clicked."""
ELSEWHERE = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^\s)\"']+")


class Loads(HTMLParser):
    """The addresses that a page loads by itself, and the pages that it leads to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        values = dict(attrs)
        self.addresses.append(values.get(LOADED.get(tag, "")) or "")
        if tag == "link":
            self.addresses.append(values.get("href") or "")


def build(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build the site into a folder."""
    command = [*BUILD, *options, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, which is built without a warning."""
    folder = tmp_path_factory.mktemp("site")
    done = build(folder, "-d", str(tmp_path_factory.mktemp("doctrees")))
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_there_and_in_the_sidebar(site: Path) -> None:
    """A reader would not find a page that somebody has just written."""
    first = (site / "docs/index.html").read_text("utf-8")
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for file in files:
        name = str(file.relative_to(ROOT).with_suffix(".html"))
        assert (site / name).is_file(), name
        if name != "docs/index.html":
            depth_up = name.removeprefix("docs/") if name.startswith("docs/") else f"../{name}"
            assert f'href="{depth_up}"' in first, name
    assert 'url=docs/index.html"' in (site / "index.html").read_text("utf-8")


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """The site would look different without a network, and tell strangers who reads it."""
    pages = [*site.rglob("*.html")]
    assert len(pages) > 50
    loaded = {address for page in pages for address in Loads(page).addresses}
    assert any(address.partition("?")[0].endswith("furo.js") for address in loaded)
    assert [address for address in loaded if re.match(r"(?:https?:)?//", address)] == []
    styles = [*site.rglob("*.css")]
    assert styles
    assert [ELSEWHERE.findall(file.read_text("utf-8")) for file in styles] == [[]] * len(styles)


def test_what_pages_load_is_there(site: Path) -> None:
    """A page would lack its fonts, its pictures or its search."""
    for page in site.rglob("*.html"):
        for address in filter(None, Loads(page).addresses):
            if not address.startswith(("#", "data:")):
                assert (page.parent / address.partition("?")[0].partition("#")[0]).exists(), address


def test_a_page_stands_in_one_section() -> None:
    """A page would be in the sidebar twice, or a new one break the build."""
    pages = ["docs/tutorial", "docs/how-to/new", "docs/new", "docs/reference/http", "NEW"]
    sections = placed(pages)
    assert sorted(page for names in sections.values() for page in names) == sorted(pages)
    assert sections["How-to"] == ["docs/how-to/new", "docs/new"]
    assert sections["Project"] == ["NEW"]
