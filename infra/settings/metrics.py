"""Settings of the port of a worker process."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from infra.http.access import is_own_address


class Metrics(BaseModel):
    """The port of each worker process: metrics for Prometheus at /metrics, and /live and /ready."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    port: int = Field(
        default=0,
        ge=0,
        le=65_533,
        description="0: neither metrics nor health checks. With worker.split each agent has a "
        "process and a port of its own: the first of worker.agents has this port, the second the "
        "next one, and so on.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address of the port. Prometheus on another machine needs 0.0.0.0, or one "
        "address that it can reach. Any other than this machine's own needs metrics.token.",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="What requests for /metrics must carry: `Authorization: Bearer …`. Without it "
        "/live and /ready answer by their status alone. Empty: nothing.",
    )

    @model_validator(mode="after")
    def _closed_to_strangers(self) -> Self:
        if self.port and not is_own_address(self.host) and not self.token.get_secret_value():
            raise ValueError(
                f"{self.host} can be reached from elsewhere, and anybody could read the metrics: "
                "set NEWSQUAKE_METRICS__TOKEN, or serve at 127.0.0.1"
            )
        return self
