"""Split chunks into portions that a slow handler can take on at a time."""

from collections.abc import Iterator, Sequence

from streams.core.consumer import Chunk


def split_chunks(chunks: Sequence[Chunk], max_records: int | None) -> Iterator[list[Chunk]]:
    """Yield ``chunks`` in order, in portions of ``max_records`` records; None for one portion.

    Only the last portion may be smaller. A chunk that is cut is acknowledged with its last part.
    """
    if max_records is None:
        if chunks:
            yield list(chunks)
        return

    portion: list[Chunk] = []
    room = max_records
    for chunk in chunks:
        begin = 0
        while begin < len(chunk.records):
            end = begin + room
            is_last = end >= len(chunk.records)
            part = chunk._replace(
                records=chunk.records[begin:end],
                acknowledge=chunk.acknowledge if is_last else lambda: None,
            )
            portion.append(part)
            room -= len(part.records)
            begin = end
            if not room:
                yield portion
                portion, room = [], max_records
    if portion:
        yield portion
