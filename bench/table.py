"""Results of several runs as one Markdown table."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from statistics import median

from measure import Result

Row = Sequence[str]


def compare(results: Sequence[Result], ours: str) -> str:
    """Medians of each peer (smallest to largest) and how many times as fast ``ours`` was."""
    peers: dict[str, list[Result]] = {}
    for result in results:
        peers.setdefault(result.peer, []).append(result)
    names = list(results[0].rates)
    mine = {name: _median_rate(peers[ours], name) for name in names}
    head = ["", *(cell for name in names for cell in (name, "ratio")), "wall s", "CPU s", "peak MB"]
    return render(head, [_row(peer, runs, mine) for peer, runs in peers.items()])


def spread(values: Sequence[float]) -> str:
    """The median, and in parentheses the smallest and the largest.

    >>> spread([3000.4, 1, 2])
    '2 (1\u20133 000)'
    """
    low, middle, high = (_number(x) for x in (min(values), median(values), max(values)))
    return f"{middle} ({low}\u2013{high})"


def render(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def publish(title: str, table: str, file: Path | None) -> None:
    """Print the table and write it to ``file``, with the machine that it was made on."""
    machine = f"{cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}"
    text = f"{title}\n\n{table}\n{machine}, {datetime.now(UTC):%Y-%m-%d}.\n"
    print(text)
    if file:
        file.write_text(text)


def _row(peer: str, runs: Sequence[Result], mine: Mapping[str, float]) -> Row:
    cells = [peer]
    for name, own in mine.items():
        rate = _median_rate(runs, name)
        cells += [spread([run.rates[name] for run in runs]), f"{own / rate:.2f}"]
    cells += [f"{median(run.wall for run in runs):.1f}"]
    cells += [f"{median(run.usage.cpu for run in runs):.1f}"]
    return [*cells, f"{max(run.usage.resident for run in runs):.0f}"]


def _median_rate(runs: Sequence[Result], name: str) -> float:
    return median(run.rates[name] for run in runs)


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")
