"""The settings that a tree of pydantic models has, each with the names that users write."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

PREFIX = "NEWSQUAKE_"
NESTING = "__"

Names = tuple[str, ...]


class Setting(NamedTuple):
    """One leaf of the tree: a value that can be set."""

    path: Names
    secret: bool
    collection: bool
    duration: bool

    @property
    def name(self) -> str:
        """As in a TOML file: ``kafka.bootstrap``."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """As in the environment: ``NEWSQUAKE_KAFKA__BOOTSTRAP``."""
        return PREFIX + NESTING.join(self.path).upper()


def settings_of(model: type[BaseModel]) -> dict[Names, Setting]:
    """Every setting of ``model`` and of the models in it, by its path."""
    return {setting.path: setting for setting in _walk(model, ())}


def value_at(model: BaseModel, path: Names) -> Any:
    """What the setting at ``path`` is; None below an optional model that is not there."""
    value: Any = model
    for name in path:
        value = None if value is None else getattr(value, _attribute(type(value), name))
    return value


def _attribute(model: type[BaseModel], name: str) -> str:
    """What Python calls the setting ``name``: one named as a keyword is, has an alias."""
    aliases = {field.alias: own for own, field in model.model_fields.items() if field.alias}
    return aliases.get(name, name)


def _walk(model: type[BaseModel], path: Names) -> Iterator[Setting]:
    for own, field in model.model_fields.items():
        name, inner = field.alias or own, _model_in(field)
        if inner:
            yield from _walk(inner, (*path, name))
        else:
            kinds = _is_secret(field), _is_collection(field), _is_duration(field)
            yield Setting((*path, name), *kinds)


def _alternatives(field: FieldInfo) -> tuple[Any, ...]:
    if get_origin(field.annotation) in {Union, UnionType}:
        return get_args(field.annotation)
    return (field.annotation,)


def _model_in(field: FieldInfo) -> type[BaseModel] | None:
    for kind in _alternatives(field):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _is_secret(field: FieldInfo) -> bool:
    return any(kind in {SecretStr, SecretBytes} for kind in _alternatives(field))


def _is_duration(field: FieldInfo) -> bool:
    return any(kind is timedelta for kind in _alternatives(field))


def _is_collection(field: FieldInfo) -> bool:
    kinds = {get_origin(kind) or kind for kind in _alternatives(field)}
    return any(
        isinstance(kind, type) and issubclass(kind, tuple | list | set | frozenset | Mapping)
        for kind in kinds
    )
