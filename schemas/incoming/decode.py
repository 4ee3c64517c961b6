"""Turn a record that holds one article into it, or refuse it."""

from collections.abc import Sequence

from schemas.article import Article
from schemas.incoming.limits import MAX_BYTES
from schemas.incoming.reading import Refused, read_record
from schemas.refusal import Invalid


def decode(
    value: bytes | None, headers: Sequence[tuple[str, bytes]], max_bytes: int = MAX_BYTES
) -> Article:
    """Return the only article of a record.

    Raises:
        Refusal: it can't be read, or there are several.
    """
    first, *others = read_record(value, headers, max_bytes=max_bytes)
    if isinstance(first, Refused):
        raise first.refusal
    if others:
        raise Invalid("value", f"holds {len(others) + 1} articles", "read them with read_record")
    return first.article
