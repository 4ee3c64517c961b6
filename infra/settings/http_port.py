"""What the settings of every HTTP port have in common: its address, and who may ask."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from infra.http.access import is_own_address


class HttpPort(BaseModel):
    """An HTTP port: its address, its token, and its certificates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = 0
    token: SecretStr = SecretStr("")
    cert_file: str = Field(
        default="",
        description="The certificate of the port, in PEM format, with those that signed it. With "
        "it the port speaks HTTPS and nothing else. Renewed files are read at the next connection.",
    )
    key_file: str = Field(
        default="",
        description="The certificate's key, without a password; without it, that is in cert_file "
        "too.",
    )
    client_ca_file: str = Field(
        default="",
        description="Authorities in PEM format. Who shows a certificate that one of them has "
        "signed needs no token.",
    )

    @model_validator(mode="after")
    def _has_certificate(self) -> Self:
        if (self.key_file or self.client_ca_file) and not self.cert_file:
            raise ValueError("key_file and client_ca_file need cert_file, the port's certificate")
        return self

    @property
    def is_closed(self) -> bool:
        """True if who asks must show a token or a certificate."""
        return bool(self.token.get_secret_value() or self.client_ca_file)

    @property
    def is_open_to_strangers(self) -> bool:
        """True if others than this machine can reach it, and need nothing to ask."""
        return not (self.is_closed or is_own_address(self.host))
