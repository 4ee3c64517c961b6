"""The base of every model that travels: frozen, closed, and JSON both ways."""

from typing import Final, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from schemas.refusal import Invalid, Refusal, Tombstone, Undecodable, UnsupportedSchema

_REFUSALS: Final[dict[str, type[Refusal]]] = {
    "json_invalid": Undecodable,
    "extra_forbidden": UnsupportedSchema,
}


class Wire(BaseModel):
    """A value that Newsquake writes to Kafka, and reads back as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_bytes(self) -> bytes:
        """Return UTF-8 JSON without whitespace; the same model always gives the same bytes."""
        # model_dump_json goes through str and a dozen keyword arguments: twice the time.
        return self.__pydantic_serializer__.to_json(self)

    @classmethod
    def from_bytes(cls, value: bytes | None) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            Tombstone: there is no value.
            Undecodable: the bytes are not JSON.
            UnsupportedSchema: a field is unknown, so a later release wrote it.
            Invalid: a field is missing or has the wrong type.
        """
        if value is None:
            raise Tombstone("value", "is missing", "a stage reads records with a value only")
        try:
            return cast("Self", cls.__pydantic_validator__.validate_json(value))
        except ValidationError as error:
            raise _refusal(cls, error) from None


def _refusal(model: type[Wire], error: ValidationError) -> Refusal:
    # Neither the input nor unknown field names are quoted: both are payload.
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    kind = _REFUSALS.get(first["type"], Invalid)
    return kind(_place(model, first), first["msg"], f"write a {model.__name__} of this release")


def _place(model: type[Wire], detail: ErrorDetails) -> str:
    place = detail["loc"][0] if detail["loc"] else None
    if isinstance(place, str) and place in model.model_fields:
        return f"{model.__name__}.{place}"
    return model.__name__
