"""The page of warnings and errors has every one of them, in the words of the log."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "nlp", "detection", "streams", "agents", "infra", "demo", "dashboard", "cli")
LEVELS = {"warning": "warning", "error": "error", "exception": "error", "critical": "error"}


def text_of(event: ast.expr) -> str:
    """Return the text of an event, with … for what is only known when it is logged."""
    if isinstance(event, ast.JoinedStr):
        return "".join(text_of(value) for value in event.values)
    return str(event.value) if isinstance(event, ast.Constant) else "…"


def logged() -> Iterator[tuple[str, str]]:
    """Yield the event and the level of each warning and error in the rooms."""
    for file in (file for room in ROOMS for file in (ROOT / room).rglob("*.py")):
        nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        # write = _log.warning if … else _log.info, and the event in the call of that name
        levels = [
            node.body.attr for node in nodes if isinstance(node, ast.IfExp) and is_log(node.body)
        ]
        for call in calls:
            if is_log(call.func):
                yield text_of(call.args[0]), LEVELS[call.func.attr]
            elif isinstance(call.func, ast.Name) and call.func.id == "write":
                yield from ((text_of(call.args[0]), LEVELS[level]) for level in levels)


def is_log(node: ast.expr) -> TypeGuard[ast.Attribute]:
    """Return whether ``node`` is a method of a logger that warns."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "_log"
        and node.attr in LEVELS
    )


def test_the_page_has_every_warning_and_error_and_no_others() -> None:
    """An operator would search the page for the line at hand, and not find it."""
    page = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
    rows = re.findall(r"^\| `(.+?)` \| (warning|error) \|", page, re.MULTILINE)
    events = {(event.replace("`", '"'), level) for event, level in logged()}
    assert len(events) >= 20
    assert sorted(set(rows) - events) == []
    assert sorted(events - set(rows)) == []
    assert len(rows) == len(set(rows))


def test_the_page_has_the_request_without_an_answer() -> None:
    """An operator would search the page for the problem of a dead connection, and not find it."""
    page = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
    (pattern,) = re.findall(r"^\| `(a request .+?)…` \|", page, re.MULTILINE)
    tree = ast.parse((ROOT / "streams/monitoring/unanswered.py").read_text("utf-8"))
    texts = [text_of(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    assert [text for text in texts if text.startswith(pattern)], (pattern, texts)
