"""Expressions of jq change values, or say why they can't."""

import pytest

from agents.dead_letters.decide import FixFailed
from cli.dlq.jq_program import JqProgram
from infra.usage_error import UsageError


@pytest.mark.parametrize(
    ("expression", "value", "fixed"),
    [
        (".a = 1", b'{"b": 2}', b'{"b":2,"a":1}'),
        ("del(.a)", b'{"a": 1, "b": "\xe6\xb5\xb7"}', b'{"b":"\xe6\xb5\xb7"}'),
        (
            ".text += .text",
            '{"text": "a\u2028b\\n"}'.encode(),
            '{"text":"a\u2028b\\na\u2028b\\n"}'.encode(),
        ),
        (".", b'{"id": 12345678901234567890}', b'{"id":12345678901234567890}'),
        (".", b'{"p": 0.30000000000000004, "q": 1.50}', b'{"p":0.30000000000000004,"q":1.50}'),
        (".a # the name", b'{"a": 1}', b"1"),
        (".a # the name \\", b'{"a": 1}', b"1"),
        ("def f: .x; f", b'{"x": [1, 2]}', b"[1,2]"),
    ],
)
def test_a_value_is_changed(expression: str, value: bytes, fixed: bytes) -> None:
    """An article would go back with other words, or another id, than the producer's."""
    assert JqProgram(expression)(value) == fixed


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (".a", b"not json"),
        (".a", b"\xff"),
        (".a", None),
        (".a", b""),
        (".a.b", b'{"a": "me@example.org"}'),
        (".[]", b"[1, 2]"),
        ("empty", b"{}"),
        ("error", b"{}"),
        ("error(.a)", b'{"a": "%s"}' % (b"x" * 9_000)),
        ("halt", b"{}"),
        (".", b'{"a": 1} {"a": 2}'),
    ],
)
def test_a_value_that_can_not_be_changed_is_named(expression: str, value: bytes | None) -> None:
    """One odd letter would end the replay of thousands, or be sent as nothing."""
    with pytest.raises(FixFailed) as failure:
        JqProgram(expression)(value)
    assert 0 < len(str(failure.value)) <= 200


@pytest.mark.parametrize("expression", [".a = ", " ", ".a |", "nonsense"])
def test_an_expression_that_is_none_is_refused_before_anything_is_sent(expression: str) -> None:
    """A typing error would be told once for each letter."""
    with pytest.raises(UsageError, match="--fix"):
        JqProgram(expression)
