"""What a process and its descendants hold at the moment, from Linux's ``/proc``."""

from contextlib import suppress
from pathlib import Path

_MEGABYTE = 1024


def memory(pid: int) -> float:
    """Return megabytes of memory; pages that processes share are counted once (PSS)."""
    return sum(_proportional(member) for member in family(pid))


def sockets(pid: int) -> int:
    """Return the number of open sockets."""
    return sum(_sockets(member) for member in family(pid))


def family(pid: int) -> list[int]:
    """Return the ids of a process and of its descendants; those that have ended are left out."""
    found = [pid]
    with suppress(OSError):
        # The kernel lists the children of each thread, not of the process.
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                children = (thread / "children").read_text("ascii").split()
                found += [member for child in children for member in family(int(child))]
    return found


def _proportional(pid: int) -> float:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / _MEGABYTE
    return 0.0


def _sockets(pid: int) -> int:
    count = 0
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                count += str(link.readlink()).startswith("socket:")
    return count
