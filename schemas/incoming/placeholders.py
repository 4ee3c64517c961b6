"""Values that exporters write where there is nothing."""

from typing import Final

_NOTHING: Final = frozenset(
    {
        "", "none", "nan", "null", "nil", "n/a", "na", "#n/a", "<na>", "nat", "-", "--", "#", "?",
        "undefined", "[removed]", "(null)", "\\n", "[]", "{}", "about:blank", "https://removed.com",
        "http://removed.com", "https://removed.com/", "[deleted]", "none,", "-1",
    }
)  # fmt: skip
LONGEST_PLACEHOLDER: Final = max(map(len, _NOTHING))


def is_nothing(text: str) -> bool:
    """Return whether a text stands for a missing value.

    >>> is_nothing("NaN"), is_nothing("Nancy")
    (True, False)
    """
    return len(text) <= LONGEST_PLACEHOLDER and text.strip().lower() in _NOTHING
