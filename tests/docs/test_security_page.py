"""The page about security names tests that exist, and all secrets."""

import ast
import re
from pathlib import Path

from infra.settings.model import Settings
from infra.settings.schema import settings_of
from schemas.incoming import limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text("utf-8")


def test_each_control_names_a_test_that_exists() -> None:
    """A control could be removed, and the page go on to promise it."""
    rows = [line for line in PAGE.splitlines() if re.search(r"\| `tests/\S+` \|$", line)]
    assert len(rows) >= 35
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4, row
        assert all(cells), row
        file, _, name = cells[-1].strip("`").partition("::")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        functions = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
        assert not name or name in functions, cells[-1]


def test_the_page_has_every_secret() -> None:
    """Whoever sets up a cluster would not know that a password can come from a file."""
    settings = settings_of(Settings).values()
    secrets = {each.name for each in settings if each.is_secret and not each.is_collection}
    section = PAGE[PAGE.index("## Secrets") : PAGE.index("## Log in to Kafka")]
    assert secrets == set(re.findall(r"^\| `(\w+\.\w+)` \|", section, re.MULTILINE))


def test_the_page_has_the_limits_of_the_code() -> None:
    """A producer would be told of a limit that does not hold."""
    table = PAGE[PAGE.index("## Limits") : PAGE.index("## Models")].replace(" ", "")
    for limit in (
        limits.MAX_HEADERS, limits.MAX_ITEMS, limits.MAX_DEPTH, limits.MAX_HEADLINE_CHARACTERS,
        limits.MAX_NAME_CHARACTERS, limits.MAX_TICKER_CHARACTERS, limits.MAX_TICKERS,
        limits.MAX_HEADER_BYTES >> 10,
    ):  # fmt: skip
        assert re.search(rf"(?<!\d){limit}(?!\d)", table), limit
