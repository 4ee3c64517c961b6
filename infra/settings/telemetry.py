"""Settings of traces."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Telemetry(BaseModel):
    """Traces by OpenTelemetry, sent over OTLP/HTTP: install newsquake[telemetry]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str = Field(
        default="",
        description="The address of a collector, such as http://collector:4318; /v1/traces is "
        "appended. Empty: no traces, at no cost.",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="Sent along as `Authorization: Bearer …`. Empty: nothing.",
    )
    sample: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="Share of articles whose trace is sampled. A trace that a producer began is "
        "sampled if the producer says so.",
    )

    @model_validator(mode="after")
    def _is_address(self) -> Self:
        if self.endpoint and not self.endpoint.startswith(("http://", "https://")):
            raise ValueError(
                "endpoint begins with http:// or https://, such as http://collector:4318"
            )
        return self
