"""What counts as a surge of negative news: every number the detector is steered by."""

from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from math import log
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ALGORITHM: Final = "surge-1"
"""Part of every rule's version: to be changed when `step` computes something else."""

SHORTEST_PRIOR: Final = 1.5
"""Recent mean lives that a new subject counts as watched: with less, decay alone could fire."""

DAY: Final = timedelta(days=1)
Span = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=3650))]


class Rule(BaseModel):
    """A surge is several times the usual amount of negative news, and a larger share of it.

    The defaults were chosen once for all subjects; see `detection.step` for what they mean.

    >>> Rule().version == Rule().version != Rule(firing_surge=8.0).version
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recent_half_life: Span = Field(
        default=timedelta(hours=18),
        description="A signal this old counts half in what is recent. Long enough to bridge a "
        "night, or every morning looks like a surge.",
    )
    baseline_half_life: Span = Field(
        default=timedelta(days=45),
        description="A signal this old counts half in what is usual for the subject.",
    )
    minimum_evidence: float = Field(
        default=12.0,
        ge=1.0,
        le=1e6,
        description="Fewer recent signals (effective number) than this never fire.",
    )
    firing_surge: float = Field(
        default=6.0,
        gt=1.0,
        le=1e6,
        description="Fires from this many times the expected negative mass.",
    )
    resolving_surge: float = Field(
        default=2.0,
        gt=1.0,
        le=1e6,
        description="Resolves below this many times the expected negative mass. Above 1, or an "
        "alert might never resolve.",
    )
    firing_share: float = Field(
        default=0.02,
        ge=0.0,
        lt=1.0,
        description="Fires only if the recent negative share exceeds the usual one by this much.",
    )
    firing_pace: float = Field(
        default=0.25,
        gt=0.0,
        le=1.0,
        description="Speed of the baseline's clock during an alert: a surge hardly becomes the "
        "usual, a lasting change does in the end.",
    )
    allowance: float = Field(
        default=1.0,
        gt=0.0,
        le=1e6,
        description="Negative mass added to both sides of the comparison: keeps the ratio of two "
        "small numbers small.",
    )
    prior_span: Span = Field(
        default=timedelta(days=3),
        description="A new subject starts as if watched for so long. Between the recent mean "
        "life and firing_surge times it, so that no steady stream can fire.",
    )
    prior_signals: float = Field(
        default=3.0,
        gt=0.0,
        le=1e6,
        description="Signals that a new subject is taken to have had in prior_span.",
    )
    prior_share: float = Field(
        default=0.3, gt=0.0, lt=1.0, description="Negative share of those signals."
    )
    lateness: timedelta = Field(
        default=timedelta(0),
        ge=timedelta(0),
        le=timedelta(days=365),
        description="Event time by which a lineage may be out of order within itself.",
    )
    idle_timeout: float = Field(
        default=30.0,
        gt=0.0,
        le=86_400.0,
        description="Seconds of processing time after which a silent lineage holds nobody up.",
    )
    max_pending: int = Field(
        default=100_000,
        ge=1,
        le=100_000_000,
        description="Signals that wait to be put in order, per partition; about 1 KB each.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.resolving_surge >= self.firing_surge:
            raise ValueError("resolving_surge must be below firing_surge")
        if self.recent_half_life * 4 > self.baseline_half_life:
            raise ValueError("baseline_half_life must be at least four times recent_half_life")
        if not SHORTEST_PRIOR <= self.prior_days / self.recent_days <= self.firing_surge - 1:
            raise ValueError("prior_span must be 1.5 to firing_surge - 1 recent mean lives")
        return self

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with the algorithm or any parameter."""
        return sha256(f"{ALGORITHM} {self.model_dump_json()}".encode()).hexdigest()[:12]

    @cached_property
    def recent_days(self) -> float:
        """Mean life of a recent signal in days (half-life / ln 2)."""
        return self.recent_half_life / DAY / log(2)

    @cached_property
    def baseline_days(self) -> float:
        """Mean life of a signal in the baseline in days."""
        return self.baseline_half_life / DAY / log(2)

    @cached_property
    def prior_days(self) -> float:
        """`prior_span` in days."""
        return self.prior_span / DAY
