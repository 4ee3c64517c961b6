"""The clock of workers, which jumps while they run.

libfaketime is used where it is installed (Debian: ``libfaketime``), or where ``CHAOS_FAKETIME``
names its library: all that a process asks for the time of day is then answered with another one.
Elsewhere Python's own functions are replaced (``clock_hook``), by which worker and clients tell the
time.
"""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE_VARIABLE = "CHAOS_CLOCK"
_LIBRARIES = "/usr/lib/*/faketime/libfaketime.so.1"


class Clock:
    """A file that says by how many seconds a worker's clock is wrong.

    Attributes:
        method: The way in which the clock is changed, in words.
    """

    def __init__(self, file: Path) -> None:
        named = os.environ.get("CHAOS_FAKETIME")
        libraries = [Path(named)] if named else sorted(Path("/").glob(_LIBRARIES[1:]))
        self._library = libraries[0] if libraries else None
        self._file = file
        self.method = "libfaketime" if self._library else "Python's time of day replaced"
        self.set(0)

    def set(self, seconds: int) -> None:
        """Have the clock be wrong by so many seconds from now on."""
        partial = self._file.with_suffix(".partial")
        partial.write_text(f"{seconds:+d}")
        partial.replace(self._file)

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of workers that use this clock."""
        if self._library:
            return {
                **environ,
                "LD_PRELOAD": str(self._library),
                "FAKETIME_TIMESTAMP_FILE": str(self._file),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        folders = [str(ROOT / "tests" / "chaos" / "clock_hook"), environ.get("PYTHONPATH", "")]
        return {
            **environ,
            FILE_VARIABLE: str(self._file),
            "AIOKAFKA_NO_EXTENSIONS": "1",  # they ask the system itself for the time
            "PYTHONPATH": os.pathsep.join(filter(None, folders)),
        }
