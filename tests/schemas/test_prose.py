"""Markup, entities and control characters leave; words stay apart and whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.incoming.prose import plain, tidy


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("Acme falls 7%", "Acme falls 7%"),
        ("  Acme \t\r\n falls  ", "Acme falls"),
        ("<p>Acme</p><p>falls</p>", "Acme falls"),
        ("<b>Ac</b>me <A HREF='x'>falls</A>", "Acme falls"),
        ("Acme<br/>falls", "Acme falls"),
        ("AT&amp;T &quot;up&quot; &#8364;5 &#x20AC;6&nbsp;bn", 'AT&T "up" €5 €6 bn'),
        ("S&P 500 & more", "S&P 500 & more"),
        ("P/E < 10 and yield > 5", "P/E < 10 and yield > 5"),
        ("I <3 Acme", "I <3 Acme"),
        ("&lt;b&gt; is a tag", "<b> is a tag"),
        ("a<script>var x = '<p>';</script>b", "a b"),
        ("a<STYLE type=x>p { }</style >b", "a b"),
        ("a<!-- hidden <b> -->b", "a b"),
        ("a <!-- never closed", "a"),
        ("<![CDATA[Acme <i>falls</i>]]>", "Acme falls"),
        ("<!DOCTYPE html>Acme", "Acme"),
        ("a\0b\x07c\x7fd\x9ee", "abcde"),
        ("a \0 b", "a b"),
        ("a\x85b\u2028c\u00a0d", "a b c d"),
        ("x\u202eesrever\u202c\ufeff", "xesrever"),
        ("👩\u200d💻 naïve", "👩\u200d💻 naïve"),
        ("&#0;&#xD800;&#1114112;", "\ufffd\ufffd\ufffd"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
        ("&#x" + "f" * 5000 + ";", "\ufffd"),
        ("<br> <p></p>&nbsp;", ""),
        ("<![a", "<![a"),
    ],
)
def test_plain(sent: str, expected: str) -> None:
    """The model would score markup, and dashboards would show it."""
    assert plain(sent) == expected


def test_tidy_leaves_markup_alone() -> None:
    """A url with an ampersand would be changed into another one."""
    assert tidy(" https://x.org/?a=1&copy=2\n") == "https://x.org/?a=1&copy=2"


@pytest.mark.property
@given(st.text() | st.text("<>!-/&#;x1 abscript'\"[]\0"))
def test_plain_is_one_clean_line(text: str) -> None:
    """A stray control character would break logs, headers and terminals."""
    result = plain(text)
    assert result == " ".join(result.split())
    assert not set(result) & {chr(code) for code in [*range(32), *range(127, 160)]}


@pytest.mark.property
@given(st.text("<>!-/&#;x1 abscript'\"[]"))
def test_visible_words_survive(noise: str) -> None:
    """Words before any markup would be lost with it."""
    assert plain(f"Acme {noise}").split()[:1] == ["Acme"]
