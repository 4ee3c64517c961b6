"""Settings of the plumbing: sizes and time-outs of one worker process."""

from pydantic import BaseModel, ConfigDict, Field


class StreamSettings(BaseModel):
    """The amount that one worker process takes on at a time, and when it gives up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    in_flight_bytes: int = Field(
        default=24 << 20,
        ge=1,
        description="Bytes of records that may be handled and not yet committed, and of what was "
        "made of them; reading pauses beyond.",
    )
    chunk_size: int = Field(
        default=1_000, ge=1, le=100_000, description="Records that one fetch may return."
    )
    fetch_wait: float = Field(
        default=0.025,
        ge=0.0,
        le=5.0,
        description="Seconds for which the broker gathers records before it answers a fetch with "
        "less than 1 MiB.",
    )
    linger: float = Field(
        default=0.05,
        ge=0.0,
        le=5.0,
        description="Seconds between two transactions of a partition; results that come meanwhile "
        "share the next one. While small transactions take long, since broker or machine are busy, "
        "up to 0.2 seconds. On a machine with cores to spare, less gives a lower latency.",
    )
    session_timeout: float = Field(
        default=10.0,
        ge=6.0,
        le=1800.0,
        description="Seconds after which the partitions of a silent worker go to others. Brokers "
        "accept 6 to 1800 unless configured otherwise.",
    )
    instance_id: str = Field(
        default="",
        max_length=200,
        pattern=r"^[A-Za-z0-9._-]*$",
        description="The name of this worker in its groups (static membership, KIP-345). No other "
        "worker of these groups has it, and it is the same after a restart: the worker then gets "
        "its partitions back, and the others keep theirs. A worker with a name does not leave when "
        "it stops, so its partitions wait for it until session_timeout. Empty: it leaves.",
    )
    standstill: float = Field(
        default=45.0,
        gt=0.0,
        le=3600.0,
        description="Seconds after which a worker ends that holds a partition and does not read "
        "the records that wait there. Longer than a rebalance in which all members answer.",
    )
    keep_alive: float = Field(
        default=86_400.0,
        gt=0.0,
        le=604_800.0,
        description="Seconds after which an idle partition commits, so that Kafka does not forget "
        "its transactional id; less than the broker's `transactional.id.expiration.ms`.",
    )
    patience: float = Field(
        default=5.0,
        gt=0.0,
        le=600.0,
        description="Seconds for which a lease, a fetch or a commit may make no progress before "
        "the log says what is waited for, and why.",
    )
    patience_limit: float = Field(
        default=300.0,
        gt=0.0,
        le=86_400.0,
        description="Seconds without progress after which the worker ends with code 1.",
    )
    stop_timeout: float = Field(
        default=2.5,
        gt=0.0,
        le=60.0,
        description="Seconds for which a worker that stops waits for Kafka. What is not committed "
        "by then is processed again.",
    )
    fuse_share: float = Field(
        default=0.5,
        gt=0.0,
        le=1.0,
        description="The worker ends when more than this share of the last `fuse_window` records "
        "was rejected; 1 turns the fuse off.",
    )
    fuse_window: int = Field(
        default=5_000, ge=1, description="Number of last records that the fuse looks at."
    )
