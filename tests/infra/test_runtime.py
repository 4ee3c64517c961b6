"""What a worker asks of Python and of the C library."""

import subprocess
import sys

BURST = """
import sys
from pathlib import Path
from infra.runtime import return_freed_memory

if sys.argv[1] == "returns":
    return_freed_memory(has_model=False)
del (large := [bytearray(30 << 20)])[:]  # from then on glibc keeps up to 60 MB
blocks = [bytearray(1 << 20) for _ in range(50)]
del blocks
(line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in line]
print(int(line.split()[1]) // 1024)
"""


def _megabytes(argument: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", BURST, argument], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_memory_of_a_burst_is_returned() -> None:
    """A worker that has read a backlog once would stay that large for good."""
    assert sys.platform == "linux", "this test needs Linux and glibc"
    assert _megabytes("returns") < _megabytes("keeps") - 25
