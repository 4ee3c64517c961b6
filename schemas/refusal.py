"""Exceptions for records that must be set aside; `reason` is the stable code of each.

    Refusal                          set aside, never retried: the same bytes would fail again
    ├── Undecodable                  "undecodable": not UTF-8 or not JSON
    ├── Invalid                      "invalid": JSON, but not an article
    │   └── Tombstone                "invalid": a record without a value
    ├── TooLarge                     "too_large": longer than a record or a field may be
    └── UnsupportedSchema            "unsupported_schema": a version or format we do not speak

The codes travel in dead-letter headers and in metrics: renaming one breaks dashboards and replay
filters, adding one does not.
"""

from typing import ClassVar, Final, Self

MESSAGE_BYTES: Final = 1024
_EXCERPT_CHARACTERS: Final = 24


class Refusal(ValueError):
    """A record that must be set aside.

    Its text is at most `MESSAGE_BYTES` of UTF-8, names the field, the problem and what the producer
    should do next, and holds no more of the payload than a masked excerpt.
    """

    reason: ClassVar[str] = "invalid"

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(field, problem, remedy)
        self.field = field

    def of_item(self, index: int) -> Self:
        """Return the same refusal of the item ``index`` of a record that holds several."""
        field, problem, remedy = self.args
        return type(self)(f"item {index}: {field}", problem, remedy)

    def __str__(self) -> str:
        field, problem, remedy = self.args
        return bounded(f"{field} {problem}; {remedy}")


class Undecodable(Refusal):
    """The bytes are no JSON document that can be read safely."""

    reason = "undecodable"


class Invalid(Refusal):
    """The document is JSON but breaks a rule of its schema."""

    reason = "invalid"


class Tombstone(Invalid):
    """The record has no value: it deletes a key, which an event stream of news has no use for."""


class TooLarge(Refusal):
    """The record, or a field of it, is longer than what we can pass on."""

    reason = "too_large"


class UnsupportedSchema(Refusal):
    """The record says that it follows a version or format this release does not speak."""

    reason = "unsupported_schema"


def bounded(text: str, limit: int = MESSAGE_BYTES) -> str:
    """Cut `text` to at most `limit` bytes of UTF-8, never inside a character.

    Lone surrogates, which an exception's text may hold, become question marks.
    """
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= limit:
        return encoded.decode()
    return encoded[: limit - 3].decode("utf-8", "ignore") + "…"


def excerpt(text: str) -> str:
    """Show the shape of a value but not the value: letters become x, digits 0.

    Dead letters are read on dashboards and copied into tickets, so they must not quote what may be
    private; the shape alone tells a wrong date format or a stray character.
    """
    shape = "".join(
        "0" if character.isdigit()
        else "x" if character.isalpha()
        else character if character.isprintable()
        else "?"
        for character in text[:_EXCERPT_CHARACTERS]
    )  # fmt: skip
    return f"'{shape}{'…' if len(text) > _EXCERPT_CHARACTERS else ''}'"
