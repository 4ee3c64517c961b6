"""The model that an argument of a command names."""

from pydantic import ValidationError

from infra.usage_error import UsageError
from nlp.settings import ModelSettings


def settings_for_model(settings: ModelSettings, name: str, **changes: object) -> ModelSettings:
    """Return the settings with another model, without a shadow model, and with ``changes``.

    Raises:
        UsageError: the name is not valid.
    """
    fields = {**settings.model_dump(), **changes, "model": name, "shadow": ""}
    try:
        return ModelSettings.model_validate(fields)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]["msg"]
        raise UsageError(f"model {name!r}: {problem}") from None
