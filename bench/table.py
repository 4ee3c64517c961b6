"""Markdown tables of benchmark results."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from statistics import median

from measure import Result

Row = Sequence[str]


def compare(results: Sequence[Result], ours: str) -> str:
    """Return a table of each peer's medians and ranges, and how many times as fast ``ours`` is."""
    peers: dict[str, list[Result]] = {}
    for result in results:
        peers.setdefault(result.peer, []).append(result)
    names = list(results[0].rates)
    mine = {name: _median_rate(peers[ours], name) for name in names}
    head = ["", *(cell for name in names for cell in (name, "ratio")), "wall s", "CPU s"]
    head += ["peak MB", "MB together"]
    return render(head, [_row(peer, runs, mine) for peer, runs in peers.items()])


def spread(values: Sequence[float]) -> str:
    """Return the median, and in parentheses the smallest and the largest value.

    >>> spread([3000.4, 1, 2])
    '2 (1\u20133 000)'
    """
    low, middle, high = (_number(value) for value in (min(values), median(values), max(values)))
    return f"{middle} ({low}\u2013{high})"


def render(head: Row, rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def publish(title: str, table: str, file: Path | None) -> None:
    """Print ``table`` with a description of the machine, and also write it to ``file``."""
    machine = f"{cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}"
    text = f"{title}\n\n{table}\n{machine}, {datetime.now(UTC):%Y-%m-%d}.\n"
    print(text)
    if file:
        file.write_text(text)


def _row(peer: str, runs: Sequence[Result], ours: Mapping[str, float]) -> Row:
    cells = [peer]
    for unit, our_rate in ours.items():
        rate = _median_rate(runs, unit)
        cells += [spread([run.rates[unit] for run in runs]), f"{our_rate / rate:.2f}"]
    cells += [f"{median(run.wall for run in runs):.1f}"]
    cells += [f"{median(run.usage.cpu for run in runs):.1f}"]
    cells += [f"{max(run.usage.resident for run in runs):.0f}"]
    return [*cells, f"{max(run.usage.together for run in runs):.0f}"]


def _median_rate(runs: Sequence[Result], name: str) -> float:
    return median(run.rates[name] for run in runs)


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")
