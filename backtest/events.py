"""Files of known events, which a backtest should detect, or which should raise no alert.

Such a file is a JSON list of objects with these fields:

- ``subject``: a name (``company:LEH``), a pattern (``topic:*``), or a list of them. An alert on any
  of them detects the event.
- ``from``, ``to``: the times (ISO 8601) between which the alert has to fire or escalate. A date
  alone is its first moment in ``from`` and its last moment in ``to``.
- ``note``: free text.

These may be left out:

- ``kind``: what happened, in a word (``recall``).
- ``size``: 1 (large), 2 or 3 (small).
- ``source``: in words, where it is known from.
- ``dates``: ``exact``, or ``about`` if they may be a day or two off.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

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
from schemas.incoming.times.moment import instant
from schemas.refusal import Refusal

_DATE_CHARACTERS: Final = len("2008-09-15")
_REST_OF_DAY: Final = timedelta(days=1) - timedelta(microseconds=1)


def _time(value: Any) -> datetime:
    try:
        return instant(value, "time")
    except Refusal as refusal:
        raise ValueError(str(refusal)) from None


def _end_time(value: Any) -> datetime:
    is_date = isinstance(value, str) and len(value.strip()) == _DATE_CHARACTERS
    return _time(value) + (_REST_OF_DAY if is_date else timedelta(0))


SubjectPattern = Annotated[str, Field(pattern=r"^(series|[a-z]+:\S.*|\*)$")]


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject: Annotated[
        tuple[SubjectPattern, ...],
        BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
        Field(min_length=1),
    ]
    from_: Annotated[AwareDatetime, BeforeValidator(_time), Field(alias="from")]
    to: Annotated[AwareDatetime, BeforeValidator(_end_time)]
    note: str = ""
    kind: Annotated[str, Field(pattern=r"^[a-z ]*$")] = ""
    size: Annotated[int, Field(ge=1, le=3)] | None = None
    source: str = ""
    dates: Literal["exact", "about"] = "exact"

    @model_validator(mode="after")
    def _in_order(self) -> "_Event":
        if self.to < self.from_:
            raise ValueError("to is before from")
        return self


_EVENTS: Final = TypeAdapter(list[_Event])


def read_events(path: Path, option: str = "--events") -> list[KnownEvent]:
    """Return the events of the file that ``option`` names.

    Raises:
        UsageError: the file can't be read, or an event in it is wrong; the message says which and
            why.
    """
    try:
        events = _EVENTS.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{option} {path}: can't be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        index, *fields = first["loc"] or ("",)
        location = f"event {index + 1}" if isinstance(index, int) else "the file"
        field = f"{'.'.join(map(str, fields))}: " if fields else ""
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{option} {path}: {location}: {field}{message}") from None
    return [
        KnownEvent(event.subject, event.from_, event.to, event.note, event.kind, event.size)
        for event in events
    ]
