"""Settings of ``newsquake dashboard``."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr

from infra.settings.http_port import HttpPort


class Dashboard(HttpPort):
    """The HTTP port of ``newsquake dashboard``, and how far back it reads."""

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address of the port. Any other than this machine's own needs "
        "dashboard.token or dashboard.client_ca_file.",
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
    workers: tuple[Annotated[str, Field(pattern=r"^\S+:\d{1,5}$")], ...] = Field(
        default=(),
        description="The ports, HOST:PORT, of the processes that run score, which are asked for "
        "the state of their models, with metrics.token and metrics.cert_file. Empty: that of a "
        "worker with these settings.",
    )
