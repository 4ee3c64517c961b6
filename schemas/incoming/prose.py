"""Turn feed text into plain text: no markup, no entities, one line.

Tags are cut with expressions that run in linear time instead of `html.parser`: before Python 3.13.6
that parser takes quadratic time on unclosed tags (CVE-2025-6069; 50 kB of '<a ' held it for more
than eight seconds) and fails an assertion on '<![a', and one such article would stop a worker.
"""

import html
import re
from typing import Final
from unicodedata import is_normalized, normalize

_HIDDEN: Final = re.compile(r"<(?:(!--)|(script|style)\b[^<>]*+>)", re.IGNORECASE)
_HIDDEN_END: Final = {
    "!--": re.compile(r"-->"),
    "script": re.compile(r"</script[^<>]*+>", re.IGNORECASE),
    "style": re.compile(r"</style[^<>]*+>", re.IGNORECASE),
}
_CDATA: Final = re.compile(r"<!\[CDATA\[|\]\]>")
_TAG: Final = re.compile(r"</?([A-Za-z][^\s<>/]*+)[^<>]*+>|<[!?][^<>]*+>")
_INLINE: Final = re.compile(
    "a|abbr|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike"
    "|strong|sub|sup|time|tt|u|var|wbr",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"<(?:[A-Z0-9][A-Z0-9]{0,7}(?:[a-z]?\d{0,2})(?:[._=:/-][A-Za-z0-9]{1,6}){0,2}=?"
    r"|[A-Z0-9./]{1,9} [A-Z]{2}(?: (?i:equity))?|[A-Za-z]{2,12}: ?[A-Z][A-Z.]{0,6})>"
)
"""A code of an instrument in angle brackets, as wires write it: <ACME.N>, <BRKb.N>, <EUR=>,
<ACME US Equity>, <NYSE: ACM>.
"""
_ELEMENTS: Final = frozenset(
    [
        "A",
        "ABBR",
        "B",
        "BIG",
        "BLOCKQUOTE",
        "BODY",
        "BR",
        "BUTTON",
        "CENTER",
        "CITE",
        "CODE",
        "DD",
        "DEL",
        "DIV",
        "DL",
        "DT",
        "EM",
        "FONT",
        "FORM",
        "H1",
        "H2",
        "H3",
        "H4",
        "H5",
        "H6",
        "HEAD",
        "HR",
        "HTML",
        "I",
        "IFRAME",
        "IMG",
        "INPUT",
        "INS",
        "KBD",
        "LABEL",
        "LI",
        "LINK",
        "MARK",
        "META",
        "NAV",
        "OL",
        "P",
        "PRE",
        "Q",
        "S",
        "SAMP",
        "SCRIPT",
        "SMALL",
        "SPAN",
        "STRIKE",
        "STRONG",
        "STYLE",
        "SUB",
        "SUP",
        "SVG",
        "TABLE",
        "TBODY",
        "TD",
        "TFOOT",
        "TH",
        "THEAD",
        "TIME",
        "TR",
        "TT",
        "U",
        "UL",
        "VAR",
        "VIDEO",
        "WBR",
        "FIGURE",
        "SECTION",
        "ARTICLE",
        "ASIDE",
        "HEADER",
        "FOOTER",
    ]
)
"""Names in capitals that are markup and not a code."""
_LONG_REFERENCE: Final = re.compile(r"&#(?:\d{8,}+|[xX][\dA-Fa-f]{7,}+);?", re.ASCII)
"""Beyond Unicode anyhow; Python refuses to read an integer of more than 4 300 digits."""
_REFERENCE: Final = re.compile(
    r"&(?:#\d{1,7};?|#[xX][\dA-Fa-f]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};|(?:amp|quot|nbsp|lt|gt)(?![\w;=]))",
    re.ASCII,
)
"""A reference that ends, so that the name in "BTC&ETH" stays."""
_MAX_ESCAPES: Final = 3
"""Times that feeds escape one text, at the most."""
_INVISIBLE: Final = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]"
)
"""Control characters that are not white space, and those that reverse text on a screen."""


def plain(text: str) -> str:
    """Return `text` without markup, on one line; linear time whatever is sent."""
    if "<" in text:
        text = _TAG.sub(_gap, _CDATA.sub("", _visible(text)))
    if "&" in text:
        text = _unescaped(text)
        if "</" in text or "<br" in text:
            # Markup that was escaped as a whole.
            text = _TAG.sub(_gap, text)
    return tidy(text)


def tidy(text: str) -> str:
    """Return `text` on one line, composed, without control characters and repeated space."""
    if not (text.isascii() or is_normalized("NFC", text)):
        text = normalize("NFC", text)
    if text.isprintable():
        # The only white space in it is the space.
        if "  " not in text and text[:1] != " " and text[-1:] != " ":
            return text
    else:
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def _unescaped(text: str) -> str:
    """Return ``text`` with its references resolved, also those that were escaped again."""
    for _ in range(_MAX_ESCAPES):
        text = _LONG_REFERENCE.sub("\ufffd", text)
        resolved = _REFERENCE.sub(lambda reference: html.unescape(reference[0]), text)
        if resolved == text or "&" not in resolved:
            return resolved
        text = resolved
    return text


def _gap(tag: re.Match[str]) -> str:
    if _CODE.fullmatch(tag[0]) and tag[1] not in _ELEMENTS:
        return tag[0]
    # A paragraph's end parts two words, the end of bold type does not.
    return "" if tag[1] and _INLINE.fullmatch(tag[1]) else " "


def _visible(text: str) -> str:
    """Cut comments, scripts and styles; one that never ends takes the rest, as in a browser."""
    visible, position = [], 0
    while opening := _HIDDEN.search(text, position):
        visible.append(text[position : opening.start()])
        closing = _HIDDEN_END[(opening[1] or opening[2]).lower()].search(text, opening.end())
        if closing is None:
            return " ".join(visible)
        position = closing.end()
    return " ".join([*visible, text[position:]])
