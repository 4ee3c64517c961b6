"""The page about dead letters has every reason, and what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import cli.main  # noqa: F401 - the classes of all refusals are to be known
from agents.cluster_layout import ClusterLayout
from agents.pipeline import AGENTS, build_stages
from nlp.null import NullClassifier
from schemas.dead_letter import DeadLetter
from schemas.refusal import Refusal
from streams.core.dead_letter import SKIPPED

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "streams", "agents", "infra", "demo", "dashboard", "cli")
PAGE = ROOT / "docs/dead-letters.md"


def refusals(kind: type[Refusal] = Refusal) -> Iterator[str]:
    """Yield the reason of ``kind`` and of all kinds of it."""
    yield kind.reason
    for special in kind.__subclasses__():
        yield from refusals(special)


def rejections() -> Iterator[tuple[str, ast.expr]]:
    """Yield the file and the reason of each rejection in the rooms, as it is written there."""
    for file in (file for room in ROOMS for file in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Rejection"):
                keywords = {keyword.arg: keyword.value for keyword in node.keywords}
                reason = keywords.get("reason") or node.args[1]
                yield str(file.relative_to(ROOT)), reason


def test_the_page_has_every_reason_and_no_other() -> None:
    """An operator would search the page for the code at hand, and not find what to do."""
    build_stages(AGENTS, cluster=ClusterLayout(), classifier=NullClassifier())
    codes = {*refusals(), DeadLetter().reason}
    written = list(rejections())
    assert len(written) >= 4
    for file, reason in written:
        if isinstance(reason, ast.Constant):
            codes.add(str(reason.value))
        elif ast.unparse(reason) == "SKIPPED":
            codes.add(SKIPPED)
        else:  # the code of a refusal, by its attribute or by a variable that holds it
            assert ast.unparse(reason) in {"refusal.reason", "reason"}, file
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(codes)


def test_each_row_says_what_to_do() -> None:
    """A reason without a remedy sends the operator to whoever wrote the code."""
    for line in PAGE.read_text("utf-8").splitlines():
        if re.match(r"\| `\w+` \|", line):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 4, line
            assert all(len(cell) >= 5 for cell in cells), line
