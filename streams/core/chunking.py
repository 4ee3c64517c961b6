"""Chunks dealt out in portions that a handler can take on at a time."""

from collections.abc import Iterator, Sequence

from streams.core.pump import Chunk


def split_chunk(chunks: Sequence[Chunk], most: int | None) -> Iterator[list[Chunk]]:
    """``chunks`` in order, in portions of at most ``most`` records; ``None`` for all at once.

    A chunk that is cut is done once its last part is.
    """
    portion: list[Chunk] = []
    room = most or 0
    for chunk in chunks:
        for part in _parts(chunk, most, room) if most else [chunk]:
            if most and len(part.records) > room:
                yield portion
                portion, room = [], most
            portion.append(part)
            room -= len(part.records)
    if portion:
        yield portion


def _parts(chunk: Chunk, most: int, room: int) -> Iterator[Chunk]:
    """A part that fills ``room``, then parts of ``most`` records; the last may be smaller."""
    start, end = 0, room or most
    while end < len(chunk.records):
        yield chunk._replace(records=chunk.records[start:end], done=_not_yet)
        start, end = end, end + most
    yield chunk._replace(records=chunk.records[start:])


def _not_yet() -> None:
    pass
