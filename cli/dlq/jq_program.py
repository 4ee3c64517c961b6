"""Expressions in the language of jq, which change a JSON value."""

from typing import Final

import jq

from agents.dead_letters.decide import FixFailed
from infra.usage_error import UsageError

_MAX_CHARACTERS: Final = 160
"""Characters of an error of jq: it may quote the value."""
_TO_JSON: Final = "\n\n| tojson"
"""Has jq itself write the result: Python's numbers would lose digits. The lines end a comment."""


class JqProgram:
    """A compiled expression.

    >>> JqProgram('.published = "2024-01-01"')(b'{"headline": "x"}')
    b'{"headline":"x","published":"2024-01-01"}'
    """

    def __init__(self, expression: str) -> None:
        """Compile ``expression``.

        Raises:
            UsageError: It is no expression of jq.
        """
        try:
            self._program = jq.compile(expression + _TO_JSON)
        except ValueError as error:
            raise UsageError(f"--fix: {' '.join(str(error).split())}") from error

    def __call__(self, value: bytes | None) -> bytes:
        """Return the JSON that the expression makes of ``value``; numbers keep their digits.

        Raises:
            FixFailed: The value is no JSON, or the expression gives none or several values of it.
        """
        if value is None:
            raise FixFailed("there is no value")
        try:
            outputs: list[str] = self._program.input_text(value.decode()).all()
        except ValueError as error:
            raise FixFailed(" ".join(str(error).split())[:_MAX_CHARACTERS]) from error
        if len(outputs) != 1:
            raise FixFailed("the expression does not give exactly one value")
        return outputs[0].encode()
