"""Settings of ``newsquake dashboard``."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Dashboard(BaseModel):
    """The HTTP port of ``newsquake dashboard``, and how far back it reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address of the port. Any other than this machine's own needs "
        "dashboard.token.",
    )
    port: int = Field(default=8070, ge=0, le=65_535, description="0 chooses a free port.")
    token: SecretStr = Field(
        default=SecretStr(""),
        description="What people type to see the pages, and programs send: `Authorization: Bearer "
        "…`. Empty: nothing.",
    )
    history: timedelta = Field(
        default=timedelta(days=7),
        gt=timedelta(0),
        le=timedelta(days=400),
        description="The dashboard begins with what was written so long ago, as far as the topics "
        "reach.",
    )
