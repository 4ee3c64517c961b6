"""Pin every package of the resolution in pyproject.toml.

Run as ``uv export … | python tools/pin_dependencies.py``.

The pins take the place of a committed uv.lock, which names the registry it was made with and so
differs between people behind different mirrors. Without uv's hashes, the registry is trusted to
serve the same files again. Standard library only: it runs before anything is installed.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

BEGIN = "# pinned: made by `make lock`, not by hand"
END = "# end of pinned"
_PIN = re.compile(r"[\w.-]+==[\w.+!]+( ; [^\"\\]+)?")
_BLOCK = re.compile(rf"{re.escape(BEGIN)}\n.*?{re.escape(END)}\n", re.DOTALL)


def pinned(pyproject: str, pins: Iterable[str]) -> str:
    """``pyproject`` with ``pins`` (PEP 508, as ``uv export`` prints them) in its marked block.

    Raises:
        ValueError: there is no such block, or a line is not a pin.
    """
    lines = sorted(line for pin in pins if (line := pin.strip()))
    if strange := [line for line in lines if not _PIN.fullmatch(line)]:
        raise ValueError(f"not a pinned package: {strange[0]}")
    array = "".join(f'    "{line}",\n' for line in lines)
    block = f"{BEGIN}\nconstraint-dependencies = [\n{array}]\n{END}\n"
    text, replaced = _BLOCK.subn(lambda _: block, pyproject)
    if replaced != 1:
        raise ValueError(f"pyproject.toml needs one block from {BEGIN!r} to {END!r}")
    return text


def main(arguments: list[str]) -> None:
    """Write the pins given on standard input, or with ``--unpin`` none."""
    pins = [] if "--unpin" in arguments else sys.stdin.readlines()
    file = Path(__file__).parents[1] / "pyproject.toml"
    file.write_text(pinned(file.read_text("utf-8"), pins), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
