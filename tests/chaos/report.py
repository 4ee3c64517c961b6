"""The table that `make chaos` prints."""

from tests.chaos.matrix import Fault
from tests.chaos.run import Result

HEAD = (
    f"{'fault':30}{'times':>6}{'in':>7}{'out':>7}{'lost':>6}{'twice':>6}{'counts':>7}{'gap s':>7}"
)


def row(fault: Fault, times: int, result: Result) -> str:
    """Return the row of a fault, and the lines that belong to it."""
    account = result.account
    counts = f"{account.lost:>6}{account.doubled:>6}{account.count_errors:>7}{result.gap:>7.1f}"
    lines = [f"{fault.name:30}{times:>6}{account.records_in:>7}{account.records_out:>7}{counts}"]
    if result.recoveries:
        slowest, count = max(result.recoveries), len(result.recoveries)
        lines.append(f"  served again after at most {slowest:.1f} s ({count} kills)")
    lines += [f"  {note}" for note in dict.fromkeys(result.notes)]
    lines += [f"  ! {problem}" for problem in account.problems]
    return "\n".join(lines)
