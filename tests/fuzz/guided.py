"""Fuzz one reader with inputs that reach new lines of ours; see ``--engine`` of `tests.fuzz`.

atheris mutates bytes and watches which branches run; Hypothesis makes a value of the bytes. A
process has one reader, since libFuzzer ends the process when it is done.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import hypothesis

ROOMS: Final = ("schemas", "nlp", "streams", "agents", "infra")


def main(name: str, counted: Path, options: list[str]) -> None:
    """Fuzz the reader ``name``, and write the number of values that it read.

    The first exception that is not documented ends the process with another code than 0.
    """
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=list(ROOMS)):
        target = import_module("tests.fuzz.targets").TARGETS[name]
    count = 0

    @hypothesis.settings(database=None, deadline=None)
    @hypothesis.given(target.inputs)
    def read(value: object) -> None:
        nonlocal count
        count += 1
        target.check(value)

    atheris.Setup([name, *options], read.hypothesis.fuzz_one_input)
    try:
        atheris.Fuzz()
    finally:
        counted.write_text(str(count))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
