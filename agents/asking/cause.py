"""The cause of a model's failure, as people read it."""

from typing import Final

_MAX_CHARACTERS: Final = 300


def one_line(error: Exception) -> str:
    r"""Return the type and the first words of a failure: a server's may be a page of HTML.

    >>> one_line(ValueError("no server\n  at 10.0.0.7"))
    'ValueError: no server at 10.0.0.7'
    """
    return " ".join(f"{type(error).__name__}: {error}".split())[:_MAX_CHARACTERS]
