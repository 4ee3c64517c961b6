"""The fields of one item: found under any of their names, and taken as what can be read."""

from typing import Final, NamedTuple

import msgspec
from pydantic import JsonValue

from schemas.incoming.aliases import Names
from schemas.incoming.placeholders import LONGEST_PLACEHOLDER, is_nothing
from schemas.incoming.profiles.paths import at_path
from schemas.incoming.profiles.profile import Profile

UNREAD: Final = "newsquake_unread"
"""The key in `extra` under which fields stand that could not be read, each with the reason."""
_TEXT_KEYS: Final = (
    "#text", "_", "$t", "$", "@value", "value", "string", "main", "rendered", "text", "name",
    "title", "displayName", "url", "href", "@href", "full", "$oid", "content", "label", "id", "en",
    "domain", "hostname", "html", "plain", "code", "@literal", "@qcode", "_qcode",
)  # fmt: skip
_MAX_LEVELS: Final = 3


class Warning(NamedTuple):  # noqa: A001 - the word of the documents
    """A problem of one field that did not cost the article."""

    field: str
    problem: str

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


def text_of(value: JsonValue, levels: int = _MAX_LEVELS) -> str:
    """Return the text in a value: its own, that of its only sensible key, or of its entries."""
    if isinstance(value, str):
        return value
    if not levels:
        return ""
    if isinstance(value, dict):
        for name in _TEXT_KEYS:
            if name in value and (text := text_of(value[name], levels - 1)):
                return text
    elif isinstance(value, list):
        texts = (text_of(entry, levels - 1) for entry in sorted(value, key=is_other_link))
        return next((text for text in texts if text), "")
    return ""


def is_other_link(entry: JsonValue) -> bool:
    """Return whether an entry is a link to another page than the article's, as Atom's self."""
    relation = (entry.get("rel") or entry.get("@rel")) if isinstance(entry, dict) else None
    return relation not in {None, "alternate"}


class Fields(msgspec.Struct, gc=False):
    """An item's object, and the names of its fields; what is taken leaves the object.

    Attributes:
        body: The object.
        profile: The profile that it is read with.
        names: Field of `Article` to the names that hold it, the preferred one first.
        warnings: The problems so far.
        unread: The fields that could not be read, each with the reason.
    """

    body: dict[str, JsonValue]
    profile: Profile
    names: Names
    warnings: list[Warning] = msgspec.field(default_factory=list)
    unread: dict[str, JsonValue] = msgspec.field(default_factory=dict)

    def get(self, name: str) -> JsonValue:
        """Return the value of a field or path."""
        return self.body[name] if name in self.body else at_path(self.body, name)

    def take_text(self, name: str) -> str:
        """Return the first text under the names of the field ``name``; empty if there is none.

        Values that hold nothing leave the object on the way; what can't be read stays in it.
        """
        names = self.names.get(name)
        if names is None:
            return ""
        body = self.body
        for alias in names:
            value = body[alias] if alias in body else at_path(body, alias)
            is_text = isinstance(value, str)
            text = value if isinstance(value, str) else text_of(value)
            if (
                text
                and (len(text) > LONGEST_PLACEHOLDER or not is_nothing(text))
                and (not text.isspace())
            ):
                # An object may say more than its text, so it stays.
                if is_text or len(str(value)) < len(text) * 2:
                    body.pop(alias, None)
                return text
            if is_text or value is None or value == []:
                body.pop(alias, None)
            elif alias in body:
                self.leave_out(alias, name, value)
        return ""

    def leave_out(self, alias: str, name: str, value: JsonValue) -> None:
        """Note that a field's value could not be read."""
        kinds = {bool: "a boolean", int: "a number", float: "a number", list: "a list"}
        problem = f"is {kinds.get(type(value), 'an object')}, not what {name} can be read from"
        self.unread[alias[:64]] = problem
        self.warn(alias[:64], problem)

    def warn(self, name: str, problem: str) -> None:
        """Add a warning."""
        self.warnings.append(Warning(name, problem))
