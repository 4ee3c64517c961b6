"""Tables and texts of generated pages in Markdown."""

import re
from collections.abc import Iterable, Sequence

_PAGE = re.compile(r"(?<!\()\bdocs/([\w/-]+\.md)\b(?!\))")


def cell(text: str) -> str:
    r"""Return a text as it may stand in a cell: in one line, with links to pages that it names.

    >>> cell("a | b, see docs/notify.md")
    'a \\| b, see [docs/notify.md](../notify.md)'
    """
    line = " ".join(text.split()).replace("|", r"\|").replace("``", "`")
    return _PAGE.sub(r"[docs/\1](../\1)", line)


def code(text: str) -> str:
    r"""Return a text as code, or nothing of an empty one.

    >>> code("a|b"), code("")
    ('`a\\|b`', '')
    """
    return f"`{text}`".replace("|", r"\|") if text else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are Markdown already.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(title: str, *parts: str) -> str:
    """Return a page of paragraphs, tables and headings, with a note that it is generated."""
    note = "<!-- Written by `python -m tools.write_reference`; change the code, not this page. -->"
    return "\n\n".join([note, f"# {title}", *parts]) + "\n"
