"""Links, file names and glossary entries of the committed pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
CREATED_FILE = re.compile(r"(?:Create|\) to) `([^`]+)`")
CODE_FILE = re.compile(r"(?:^|[^\w/.])((?:[a-z_]+/)+[a-z_0-9]+\.py)\b")
ROOMS = (
    "schemas",
    "nlp",
    "detection",
    "streams",
    "agents",
    "infra",
    "backtest",
    "demo",
    "dashboard",
    "cli",
)


def relative(page: Path) -> str:
    """Return the page's path for the names of tests."""
    return str(page.relative_to(ROOT))


def headings(page: Path) -> Iterator[str]:
    """Yield the anchors of a page's headings, as renderers of Markdown make them."""
    for line in page.read_text("utf-8").splitlines():
        if line.startswith("#"):
            text = re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower())
            yield text.strip().replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    """A reader would click into nothing after a file was moved."""
    broken = []
    for target in LINK.findall(page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists() or (anchor and anchor not in headings(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_files_that_are_named_exist(page: Path) -> None:
    """A reader would look for the decision in a file that was renamed."""
    text = page.read_text("utf-8")
    named = set(CODE_FILE.findall(text)) - set(CREATED_FILE.findall(text))
    of_rooms = [name for name in named if name.split("/")[0] in {*ROOMS, "tests", "bench", "tools"}]
    assert [name for name in of_rooms if not (ROOT / name).exists()] == []


def test_the_glossary_has_each_term_once() -> None:
    """A word with two meanings would send a reader to the wrong one."""
    text = (ROOT / "docs/glossary.md").read_text("utf-8")
    terms = re.findall(r"^\| \*\*(.+?)\*\* \|", text, re.MULTILINE)
    assert len(terms) >= 30
    assert len(terms) == len(set(terms))
