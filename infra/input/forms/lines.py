"""Lines of a stream, whose length is bounded."""

from collections.abc import Iterator
from functools import partial
from io import BufferedReader

from infra.input.forms.rows import MAX_ROW_BYTES


def bounded_lines(stream: BufferedReader) -> Iterator[bytes | None]:
    """Yield the lines of ``stream`` with their ends; None stands for one over `MAX_ROW_BYTES`."""
    read = partial(stream.readline, MAX_ROW_BYTES)
    for line in iter(read, b""):
        if len(line) < MAX_ROW_BYTES or line.endswith(b"\n"):
            yield line
            continue
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = read()
        yield None
