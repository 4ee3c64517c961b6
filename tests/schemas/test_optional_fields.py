"""A headline and a date are all that an article needs, whatever stands in its other fields."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.incoming.aliases import ALIASES
from schemas.incoming.item import Reading
from schemas.incoming.reading import Refused, read_record

pytestmark = pytest.mark.property
OPTIONAL = [
    name
    for field, names in ALIASES.items()
    for name in names
    if field not in {"headline", "published"}
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(OPTIONAL), JSON, max_size=6))
def test_no_optional_field_refuses_an_article(optional: dict[str, Any]) -> None:
    """One odd field would cost a feed all its articles."""
    body = {**optional, "headline": "Acme falls", "published": "2026-03-03T08:15:00Z"}
    (reading,) = read_record(orjson.dumps(body), [])
    assert isinstance(reading, Reading), reading
    assert Article.from_bytes(reading.article.to_bytes()) == reading.article


@given(st.binary())
def test_random_bytes_end_with_a_reason(value: bytes) -> None:
    """Noise would be accepted, or stop the worker."""
    assert all(isinstance(result, Refused) for result in read_record(value, []))
