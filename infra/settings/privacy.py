"""Settings of what is kept from logs and from dead letters."""

from pydantic import BaseModel, ConfigDict, Field


class Privacy(BaseModel):
    """Personal data: e-mail addresses, telephone, card and account numbers, national ids."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mask_personal_data: bool = Field(
        default=True,
        description="Mask what looks like personal data in log lines, and in the messages of dead "
        "letters.",
    )
    mask_dead_letters: bool = Field(
        default=False,
        description="Mask keys, headers and values of dead letters too, before they are written. "
        "What was masked can't be replayed as it was.",
    )
