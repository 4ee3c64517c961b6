"""Articles with anything at all in their other fields, under every name that is read anywhere.

The names come from the tables and the shipped profiles, so that a new one is tried by itself.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from hypothesis import strategies as st

from schemas.incoming.aliases import ALIASES
from schemas.incoming.profiles.shipped import shipped

HEADLINE: Final = "Acme falls"
DATES: Final = (
    "2026-03-03T08:15:00Z", "Tue, 03 Mar 2026 08:15:00 GMT", 1_772_525_700, 1_772_525_700_000,
    "20260303T081500Z", "2026-03-03",
)  # fmt: skip


def _names_of_profiles() -> Iterable[str]:
    for profile in shipped().by_name.values():
        yield from profile.shape
        yield from profile.ignore
        for paths in profile.names.values():
            yield from (path.partition(".")[0].removesuffix("[]") for path in paths)


SHAPES: Final = [profile.shape for profile in shipped().by_name.values() if profile.shape]
NAMES: Final = sorted({*(name for names in ALIASES.values() for name in names)})
PROFILE_NAMES: Final = sorted({*_names_of_profiles()} - {*NAMES})
ODD: Final[tuple[Any, ...]] = (
    "", " ", "None", "nan", "[Removed]", "-", "0", "<b></b>", "&nbsp;", "<p>&amp;lt;</p>", "99:99",
    "1970-01-01", "0001-01-01T00:00:00Z", "9999-12-31", "03/04/2026", "20260303", "IST",
    "x" * 9_000, "http://", "https://[::1", "http://a:b", "//", "mailto:a@b",
    "{a", '{"a": 1}', "[1", "{ACME,}",
    "a\0b", "\ud800", "\u202e", "NaN", 0, -1, 1, 20_515, 46_084.5, 10**30, -(10**30), 1e308,
    float("nan"), float("inf"), [], {}, [[]], [None], {"": None}, {"#text": {"#text": {}}},
    {"name": 7}, {"symbol": []}, {"symbol": None}, [{"ticker": {"a": [1]}}], {"value": [{}]},
)  # fmt: skip
"""Values that trip readers: placeholders, half dates, half addresses, numbers of any size."""
TEXTS: Final = st.text(st.characters(exclude_categories=[]), max_size=40)


def values() -> st.SearchStrategy[Any]:
    """JSON values of any shape, and what JavaScript and Python write as JSON."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.sampled_from(ODD)
    keys = st.sampled_from(["name", "symbol", "ticker", "value", "#text", "url", "id"]) | TEXTS
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=6,
    )


def spelled(names: Iterable[str]) -> st.SearchStrategy[str]:
    """Names as feeds spell them: as they are, in capitals, or with underscores."""
    every = st.sampled_from(sorted(names))
    return every | every.map(str.upper) | every.map(lambda name: f"{name[:1]}_{name[1:]}")


@st.composite
def articles(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an article that has a headline and a date, and anything in its other fields."""
    odd = values()
    others = draw(st.dictionaries(spelled(NAMES) | st.sampled_from(PROFILE_NAMES), odd, max_size=5))
    others |= {name: draw(odd) for name in draw(st.just(()) | st.sampled_from(SHAPES))}
    essential = {
        draw(st.sampled_from(ALIASES["headline"])): HEADLINE,
        draw(st.sampled_from(ALIASES["published"])): draw(st.sampled_from(DATES)),
    }
    return essential | others | essential if draw(st.booleans()) else {**others, **essential}


def dumped(value: Any) -> bytes:
    """Return a value as JSON as Python's library writes it, with NaN and lone surrogates."""
    return json.dumps(value).encode()
