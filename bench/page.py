"""The tables of docs/benchmarks.md: each stands between two comments, around what people wrote."""

import re
from collections.abc import Mapping
from typing import Any, Final

_TABLE: Final = re.compile(r"(<!-- table (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    r"""Return the page with these tables in their places; other tables stay as they are.

    >>> page = "Speed:\n<!-- table a -->\nold\n<!-- end -->\n<!-- table b -->\nx\n<!-- end -->\n"
    >>> print(with_tables(page, {"a": "new\n"}), end="")
    Speed:
    <!-- table a -->
    new
    <!-- end -->
    <!-- table b -->
    x
    <!-- end -->

    Raises:
        SystemExit: the page has no place for a table.
    """
    if missing := sorted(tables.keys() - set(names(page))):
        raise SystemExit(f"the page has no place for {', '.join(missing)}")
    return _TABLE.sub(lambda match: match[1] + tables.get(match[2], match[3]) + match[4], page)


def names(page: str) -> list[str]:
    """Return the names of the page's tables, in order."""
    return [match[2] for match in _TABLE.finditer(page)]


def render(found: Mapping[str, Any]) -> str:
    """Return what a benchmark found as Markdown: command, title, table, machine and versions."""
    machine, versions = found["machine"], found["versions"]
    instructions = ", ".join(machine["instructions"]) or "none of the fast instructions"
    quick = "**A first look: the figures mean nothing.**\n\n" if found["quick"] else ""
    libraries = ", ".join(f"{name} {number}" for name, number in versions.items())
    image = f"![the curve]({found['image']})\n\n" if found.get("image") else ""
    return (
        f"`{found['command']}`\n\n{quick}{found['title']}\n\n{found['table']}\n{image}"
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GiB, "
        f"{machine['system']} ({instructions}). {libraries}. "
        f"Commit {found['commit']}, {found['when']}, {found['seconds']} s.\n"
    )
