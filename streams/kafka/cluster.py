"""Settings of a Kafka cluster: its address, its security and the layout of its topics."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Cluster(BaseModel):
    """The connection and the topic layout that all consumers and producers share.

    ``prefix`` is prepended verbatim to every topic and consumer group. Topics have ``partitions``
    partitions unless a topic has its own number; a stage's changelog has as many as its source,
    since it is written by partition.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: str = Field(
        default="127.0.0.1:9092",
        pattern=r"^[^,\s]+:\d+(,[^,\s]+:\d+)*$",
        description="Brokers to ask first, host:port each, separated by commas.",
    )
    prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=100,
        description="What the names of all topics and consumer groups begin with.",
    )
    partitions: int = Field(
        default=4,
        ge=1,
        le=10_000,
        description="Of topics that `newsquake topics create` makes. Agents take the number that "
        "the topics have; `newsquake topics grow` changes it.",
    )
    replication: int = Field(
        default=1, ge=1, le=32_767, description="Copies of each topic that is made."
    )
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="The protocol of the brokers' listener."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = Field(
        default="PLAIN", description="How clients log in, where security has SASL in its name."
    )
    username: str = Field(default="", description="The user that logs in, if not by a token.")
    password: SecretStr = Field(default=SecretStr(""), description="The user's password.")
    token_file: str = Field(
        default="",
        description="OAUTHBEARER: a file with the token. It is read for every connection, so that "
        "another program may keep it fresh.",
    )
    token_provider: str = Field(
        default="",
        description="OAUTHBEARER: the name of a provider of tokens that an installed package has.",
    )
    ca_file: str = Field(
        default="",
        description="Authorities that sign the brokers' certificates, in PEM format. Empty: those "
        "of the system.",
    )
    cert_file: str = Field(
        default="", description="The certificate that is shown to the broker, in PEM format."
    )
    key_file: str = Field(default="", description="Its key; without it, that is in cert_file too.")
    key_password: SecretStr = Field(
        default=SecretStr(""), description="The password of key_file, if it has one."
    )
    transaction_timeout: float = Field(
        default=60.0,
        ge=1.0,
        le=900.0,
        description="Seconds after which the broker aborts a transaction that is not finished; at "
        "most the broker's `transaction.max.timeout.ms`.",
    )

    @property
    def uses_tokens(self) -> bool:
        """True if clients log in with tokens."""
        return self.security.startswith("SASL") and self.sasl_mechanism == "OAUTHBEARER"

    @property
    def user(self) -> str:
        """The user as the broker names it, or where that name stands."""
        if self.uses_tokens:
            return "<subject of the token>"
        if self.security == "SSL" and self.cert_file:
            return f"<subject of {self.cert_file}>"
        return self.username or "ANONYMOUS"

    def topic(self, name: str) -> str:
        """Return the full name of the topic that the code calls ``name``."""
        return self.prefix + name
