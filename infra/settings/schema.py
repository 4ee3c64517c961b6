"""The settings in a tree of pydantic models, each with the names that users write."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

PREFIX = "NEWSQUAKE_"
NESTING = "__"

SettingPath = tuple[str, ...]
"""The names from the root of the tree to a setting: ``("kafka", "bootstrap")``."""


class Setting(NamedTuple):
    """A leaf of the tree: a value that users can set.

    Attributes:
        path: The names from the root to the setting.
        is_secret: The value must never be shown.
        is_collection: The value is a list or a mapping.
        is_duration: The value is a time span, which people may write as ``90m``.
    """

    path: SettingPath
    is_secret: bool
    is_collection: bool
    is_duration: bool

    @property
    def name(self) -> str:
        """The name in a TOML file: ``kafka.bootstrap``."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The name in the environment: ``NEWSQUAKE_KAFKA__BOOTSTRAP``."""
        return PREFIX + NESTING.join(self.path).upper()


def settings_of(model: type[BaseModel]) -> dict[SettingPath, Setting]:
    """Return every setting of ``model`` and of the models nested in it, by path."""
    return {setting.path: setting for setting in _walk(model, ())}


def value_at(model: BaseModel, path: SettingPath) -> Any:
    """Return the value of the setting at ``path``; None inside an optional model that is absent."""
    value: Any = model
    for name in path:
        if value is None:
            return None
        # A setting named like a keyword of Python has another attribute name and an alias.
        fields = type(value).model_fields.items()
        attributes = {field.alias: attribute for attribute, field in fields if field.alias}
        value = getattr(value, attributes.get(name, name))
    return value


def _walk(model: type[BaseModel], path: SettingPath) -> Iterator[Setting]:
    for attribute, field in model.model_fields.items():
        inner_path = (*path, field.alias or attribute)
        is_union = get_origin(field.annotation) in {Union, UnionType}
        types: tuple[Any, ...] = get_args(field.annotation) if is_union else (field.annotation,)
        inner = next((kind for kind in types if _is_subclass(kind, BaseModel)), None)
        if inner:
            yield from _walk(inner, inner_path)
            continue
        yield Setting(
            inner_path,
            is_secret=any(_holds_secret(kind) for kind in types),
            is_collection=any(
                _is_subclass(get_origin(kind) or kind, (tuple, list, set, frozenset, Mapping))
                for kind in types
            ),
            is_duration=any(kind is timedelta for kind in types),
        )


def _holds_secret(kind: Any) -> bool:
    """Return whether a value of type ``kind`` is a secret, or a collection of what has one."""
    if _is_subclass(kind, BaseModel):
        return any(_holds_secret(field.annotation) for field in kind.model_fields.values())
    is_secret = kind is SecretStr or kind is SecretBytes
    return is_secret or any(_holds_secret(part) for part in get_args(kind))


def _is_subclass(kind: Any, base: type[Any] | tuple[type[Any], ...]) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)
