"""Settings of ``newsquake serve``."""

from pydantic import Field, SecretStr

from infra.settings.http_port import HttpPort


class Serve(HttpPort):
    """The HTTP port of ``newsquake serve ingest``."""

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address of the port. Any other than this machine's own needs serve.token "
        "or serve.client_ca_file.",
    )
    port: int = Field(default=8080, ge=0, le=65_535, description="0 chooses a free port.")
    token: SecretStr = Field(
        default=SecretStr(""),
        description="What requests must carry: `Authorization: Bearer …`. Empty: nothing.",
    )
    max_bytes: int = Field(
        default=8 << 20, ge=1, le=64 << 20, description="Bytes of a request, after unpacking."
    )
    max_in_flight: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="Articles that Kafka has not acknowledged; beyond, requests get status 429.",
    )
