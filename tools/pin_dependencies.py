"""Pin every package of uv's resolution in pyproject.toml.

Run as ``uv export … | python tools/pin_dependencies.py``.

The pins replace a committed uv.lock, which names its registry and so differs between people behind
different mirrors. They have no hashes: the registry is trusted to serve the same files again. The
script needs only the standard library, since it runs before anything is installed.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

BEGIN = "# pinned: made by `make lock`, not by hand"
END = "# end of pinned"
_PIN = re.compile(r"[\w.-]+==[\w.+!]+( ; [^\"\\]+)?")
_BLOCK = re.compile(rf"{re.escape(BEGIN)}\n.*?{re.escape(END)}\n", re.DOTALL)


def replace_pins(pyproject: str, pins: Iterable[str]) -> str:
    """Return the text of pyproject.toml with ``pins`` in its marked block.

    ``pins`` are lines in the form of PEP 508, as ``uv export`` prints them.

    Raises:
        ValueError: There is no such block, or a line is not a pin.
    """
    lines = sorted(line for pin in pins if (line := pin.strip()))
    if others := [line for line in lines if not _PIN.fullmatch(line)]:
        raise ValueError(f"not a pinned package: {others[0]}")
    array = "".join(f'    "{line}",\n' for line in lines)
    block = f"{BEGIN}\nconstraint-dependencies = [\n{array}]\n{END}\n"
    text, replacements = _BLOCK.subn(lambda _: block, pyproject)
    if replacements != 1:
        raise ValueError(f"pyproject.toml needs one block from {BEGIN!r} to {END!r}")
    return text


def main(arguments: list[str]) -> None:
    """Write the pins from standard input, or no pins with ``--unpin``."""
    pins = [] if "--unpin" in arguments else sys.stdin.readlines()
    file = Path(__file__).parents[1] / "pyproject.toml"
    file.write_text(replace_pins(file.read_text("utf-8"), pins), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
