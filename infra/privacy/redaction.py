"""Redaction of what a program prints and logs: its own secrets, and personal data.

Secrets are recognised by their name or shape (`infra.masking`), and those of the settings by
their value, wherever they stand: in the text of an error, in a URL, in a traceback.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, SecretStr

from infra.masking import MASK, mask
from infra.privacy.personal_data import mask_personal
from infra.settings.model import Settings

MIN_SECRET_CHARACTERS: Final = 4
"""Shorter secrets are masked by name and shape alone: their value stands in too many words."""

Redact = Callable[[Any, str], Any]
"""Returns a value, named by a field or key, without what nobody may see."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """Masks secrets by name, shape and value, and personal data if so set.

    Attributes:
        secrets: The values that must never be seen, in the forms in which they may be written.
        masks_personal: Whether personal data is masked too.
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    masks_personal: bool = True

    def __call__(self, value: Any, name: str = "") -> Any:
        """Return ``value`` masked, in containers too; what is no JSON value becomes its text.

        >>> Redaction(("hunter2",))({"error": ValueError("no hunter2"), "to": "a@b.example"}, "")
        {'error': "ValueError('no **********')", 'to': '**********'}
        """
        return self._without_values(mask(value, name))

    def text(self, text: str) -> str:
        """Return ``text`` masked."""
        return str(self(text))

    def _without_values(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {key: self._without_values(item) for key, item in value.items()}
        if isinstance(value, tuple | list | set | frozenset):
            return [self._without_values(item) for item in value]
        # An error that is logged as it is would be written as its text, past all masks.
        text = value if isinstance(value, str) else mask(repr(value))
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        return mask_personal(text) if self.masks_personal else text


def redaction_of(settings: Settings) -> Redaction:
    """Return the redaction for a program that has these settings."""
    values = {value for value in _secrets_in(settings) if len(value) >= MIN_SECRET_CHARACTERS}
    forms = {form for value in values for form in (value, quote(value, safe=""), repr(value)[1:-1])}
    longest_first = sorted(forms, key=len, reverse=True)
    return Redaction(tuple(longest_first), settings.privacy.mask_personal_data)


def _secrets_in(value: Any) -> Iterator[str]:
    """Yield the value of every secret in a tree of settings."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets_in(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _secrets_in(item)
