"""What agents write to each other, as structs that msgspec reads and writes.

The pydantic model is the one definition. Its struct is made from it: the same fields in the same
order, the same defaults and bounds, and equal JSON. msgspec reads one in a sixth of the time that
the model takes, and writes one in a quarter. What msgspec refuses is read by the model, which
accepts more forms of a value and has the words for a refusal.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Generic, TypeVar, Union, cast, get_args, get_origin

import msgspec
from pydantic import AwareDatetime, JsonValue
from pydantic.fields import FieldInfo

from schemas.instants import EARLIEST, LATEST, Instant, Published
from schemas.wire import EventPayload, Wire

W = TypeVar("W", bound=Wire)
E = TypeVar("E", bound=EventPayload)

_MAX_OPENINGS: Final = 64
"""Brackets in a value, beyond which it may nest deeper than the model reads."""
_MAX_INTEGER: Final = (1 << 63) - 1
"""The largest bound of an integer that msgspec knows; larger ones are checked here."""
_INSTANT: Final = FieldInfo.from_annotation(Instant).metadata
_PUBLISHED: Final = FieldInfo.from_annotation(Published).metadata
_BEFORE: Final = LATEST - timedelta(microseconds=1)
_BOUNDS: Final = ("min_length", "max_length", "ge", "gt", "le", "lt")
"""Names that bounds of fields have, in pydantic and in msgspec."""
_encode: Final = msgspec.json.Encoder().encode


class ModelStruct(msgspec.Struct, frozen=True, gc=False):
    """A struct of a model. It is in no cycle, so the garbage collector need not look at it."""

    def to_bytes(self) -> bytes:
        """Return JSON that is equal to that of the model."""
        return _encode(self)


@cache
def struct_of(model: type[W]) -> type[W]:
    """Return the struct of a model; for mypy it is the model, whose fields it has.

    Values are neither checked nor copied when one is made.

    Raises:
        TypeError: a field is of a kind that is not known here.
    """
    event_type = {"event_type": model.event_type} if issubclass(model, EventPayload) else {}
    struct = msgspec.defstruct(
        f"{model.__name__}Struct",
        [(name, _type_of(field), _default_of(field)) for name, field in model.model_fields.items()],
        bases=(ModelStruct,),
        namespace={"__doc__": model.__doc__, **event_type},
        kw_only=True,
        omit_defaults=True,
        forbid_unknown_fields=model.unknown_fields == "forbid",
        frozen=True,
        gc=False,
    )
    return cast("type[W]", struct)


def fields_of(struct: Wire) -> dict[str, Any]:
    """Return the fields of a struct, in order."""
    return msgspec.structs.asdict(cast("ModelStruct", struct))


def changed(struct: W, **fields: Any) -> W:
    """Return a copy of a struct with other values of some fields."""
    return cast("W", msgspec.structs.replace(cast("ModelStruct", struct), **fields))


class Reader(Generic[E]):
    """Reads the values of records as the model's `from_event` does, into structs."""

    def __init__(self, model: type[E]) -> None:
        self._model = model
        self._struct: Callable[..., E] = struct_of(model)
        self._decode: Callable[[bytes], E] = msgspec.json.Decoder(self._struct).decode
        self._later_versions = model.event_type.encode() + b".v"
        fields = model.model_fields.items()
        self._is_open = any(JsonValue in get_args(field.annotation) for _, field in fields)
        self._instants = [name for name, field in fields if field.annotation is AwareDatetime]
        self._limits = [
            *((name, EARLIEST, _BEFORE) for name, field in fields if field.metadata == _PUBLISHED),
            *((name, 0, limit) for name, field in fields for limit in _large_limits(field)),
        ]

    def read(self, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> E:
        """Return the struct of a record's value.

        Raises:
            Refusal: the model refuses the value, or its major version.
        """
        if value is not None and not self._is_later(headers):
            struct = self._decoded(value)
            if struct is not None:
                return struct
        return self._read_by_model(value, headers)

    def _is_later(self, headers: Iterable[tuple[str, bytes]]) -> bool:
        """Return whether a record is of a later major version."""
        for name, text in headers:
            if name == "ce_type":
                return bool(text) and text.startswith(self._later_versions)
        return False

    def _decoded(self, value: bytes) -> E | None:
        """Return the struct, or None if the model may refuse it or read something else."""
        try:
            struct = self._decode(value)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        # The model moves other zones to UTC, and cuts off digits beyond microseconds.
        for name in self._instants:
            moment = getattr(struct, name)
            if moment.tzinfo is not UTC or _encode(moment) not in value:
                return None
        for name, least, most in self._limits:
            if not least <= getattr(struct, name) <= most:
                return None
        if self._is_open and value.count(b"{") + value.count(b"[") > _MAX_OPENINGS:
            return None
        return struct

    def _read_by_model(self, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> E:
        return self._struct(**vars(self._model.from_event(value, headers)))


def _type_of(field: FieldInfo) -> Any:
    """Return the type of a field for msgspec, with its bounds."""
    if field.annotation is AwareDatetime:
        if field.metadata not in (_INSTANT, _PUBLISHED):
            raise TypeError(f"times with {field.metadata} are not known to the codec")
        return Annotated[datetime, msgspec.Meta(tz=True)]
    limits: dict[str, Any] = {}
    for bound in field.metadata:
        names = [name for name in _BOUNDS if hasattr(bound, name)]
        if not names:
            raise TypeError(f"{bound} is not known to the codec")
        limits |= {name: getattr(bound, name) for name in names}
    if _large_limits(field):
        del limits["le"]
    return _plain_type(field.annotation, msgspec.Meta(**limits) if limits else None)


def _plain_type(annotation: Any, limits: msgspec.Meta | None = None) -> Any:
    """Return the type with structs in place of models, and ``limits`` on all but None."""
    if annotation is JsonValue:
        return Any
    if isinstance(annotation, type) and issubclass(annotation, Wire):
        return struct_of(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        members = tuple(_plain_type(member, limits) for member in arguments)
        return Union[members]  # noqa: UP007 - the members are computed
    if origin in (tuple, dict):
        return origin[tuple(map(_plain_type, arguments))]
    return Annotated[annotation, limits] if limits and annotation is not NoneType else annotation


def _default_of(field: FieldInfo) -> Any:
    """Return a field's default; one that is left out of the JSON is told from one that is not."""
    if field.is_required():
        return msgspec.NODEFAULT
    default = field.get_default(call_default_factory=True)
    if field.exclude_if is not None:
        return default
    return msgspec.field(default_factory=lambda: default)


def _large_limits(field: FieldInfo) -> list[int]:
    """Return the upper bound of a field, if it is an integer that is too large for msgspec."""
    limits = (getattr(bound, "le", 0) for bound in field.metadata)
    return [limit for limit in limits if isinstance(limit, int) and limit > _MAX_INTEGER]
