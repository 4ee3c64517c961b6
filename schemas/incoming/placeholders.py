"""Values that exporters write where there is nothing."""

from typing import Final

_NOTHING: Final = frozenset(
    {
        "", "none", "nan", "null", "nil", "n/a", "na", "n.a.", "n.a", "n/d", "#n/a", "<na>", "nat",
        "-", "--", "#", "?", "undefined", "[removed]", "(removed)", "(null)", "(none)", "[none]",
        "[null]", "<null>", "<none>", "(unknown)", "\\n", "[]", "{}", "()", "none,", "none.", "-1",
        "unknown", "undetermined", "tbd", "tba", "missing", "not available", "not applicable",
        "unavailable", "no data", "no url", "no link", "no title", "no headline", "untitled",
        "(no title)", "[no title]", "(untitled)", "(no subject)", "(empty)", "[deleted]",
        "(deleted)", "#ref!", "#value!", "#name?", "#null!", "#num!", "#div/0!", "#error!",
        "about:blank", "javascript:void(0)", "javascript:;", "http://", "https://", "null/",
        "nan.0", "blank", "empty", "void",
        "https://removed.com", "http://removed.com", "https://removed.com/", "http://null",
        "https://null", "http://none", "https://none", "%20", "&nbsp;",
    }
)  # fmt: skip
LONGEST_PLACEHOLDER: Final = max(map(len, _NOTHING))
IN_CAPITALS: Final = frozenset(text.upper() for text in _NOTHING if text.isalnum())
"""Those that have the form of a ticker."""
_LONGEST_MARK: Final = 3
"""Characters of dashes, dots and quotes that stand alone."""


def is_nothing(text: str) -> bool:
    """Return whether a text stands for a missing value.

    >>> is_nothing("NaN"), is_nothing("Nancy"), is_nothing("...")
    (True, False, True)
    """
    length = len(text)
    if length > LONGEST_PLACEHOLDER:
        return False
    if text.isalnum():
        return text.lower() in _NOTHING
    if length <= _LONGEST_MARK and not any(map(str.isalnum, text)):
        return True
    return text.strip().lower() in _NOTHING
