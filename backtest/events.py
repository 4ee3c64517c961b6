"""Files of known events: what a backtest should have found.

A list of objects: a ``subject`` (``company:LEH``, a pattern such as ``topic:*``, or a list of them,
any of which will do), ``from`` and ``to``, the times (ISO 8601; a date is its beginning in ``from``
and its end in ``to``) between which an alert has to fire or escalate, and a ``note``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from detection.evaluation import KnownEvent
from infra.usage_error import UsageError
from schemas.instants import instant
from schemas.refusal import Refusal

_DATE: Final = len("2008-09-15")
_DAY: Final = timedelta(days=1) - timedelta(microseconds=1)


def _time(value: Any) -> datetime:
    try:
        return instant(value, "time")
    except Refusal as refusal:
        raise ValueError(str(refusal)) from None


def _last(value: Any) -> datetime:
    date = isinstance(value, str) and len(value.strip()) == _DATE
    return _time(value) + (_DAY if date else timedelta(0))


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Subject = Annotated[str, Field(pattern=r"^(series|[a-z]+:\S.*|\*)$")]


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject: Annotated[tuple[Subject, ...], BeforeValidator(_several), Field(min_length=1)]
    from_: Annotated[AwareDatetime, BeforeValidator(_time), Field(alias="from")]
    to: Annotated[AwareDatetime, BeforeValidator(_last)]
    note: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> "_Event":
        if self.to < self.from_:
            raise ValueError("to is before from")
        return self


_EVENTS: Final = TypeAdapter(list[_Event])


def read(path: Path) -> list[KnownEvent]:
    """The events of a file.

    Raises:
        UsageError: it can't be read or an event in it is wrong; the message says which and why.
    """
    try:
        found = _EVENTS.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"--events {path}: can't be read: {error.strerror}") from None
    except ValidationError as error:
        raise UsageError(f"--events {path}: {_problem(error)}") from None
    return [KnownEvent(it.subject, it.from_, it.to, it.note) for it in found]


def _problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place, *names = first["loc"] or ("",)
    where = f"event {place + 1}" if isinstance(place, int) else "the file"
    return f"{where}: {_named(names)}{first['msg'].removeprefix('Value error, ')}"


def _named(names: Sequence[Any]) -> str:
    return f"{'.'.join(map(str, names))}: " if names else ""
