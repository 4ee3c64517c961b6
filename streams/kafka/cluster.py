"""How to reach a Kafka cluster and how its topics are laid out."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Cluster(BaseModel):
    """Connection and topic layout, shared by every consumer and producer.

    ``prefix`` is put before every topic name and consumer group as it is. Topics have
    ``partitions`` partitions unless they say otherwise; a stage's changelog has as many as its
    source, since it is written by partition.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: str = Field(default="127.0.0.1:9092", pattern=r"^[^,\s]+:\d+(,[^,\s]+:\d+)*$")
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$", max_length=100)
    partitions: int = Field(default=4, ge=1, le=10_000)
    replication: int = Field(default=1, ge=1, le=32_767)
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    username: str = ""
    password: SecretStr = SecretStr("")
    ca_file: str = ""

    def topic(self, name: str) -> str:
        """The full name of the topic that the design calls ``name``."""
        return self.prefix + name
