"""The rule: how many false alarms are allowed, and how alerts are told apart."""

from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.incoming.limits import MAX_AHEAD

ALGORITHM: Final = "surge-8"
"""Part of every rule's version. Change it when the detector computes something else."""
READABLE_ALGORITHMS: Final = frozenset({ALGORITHM, "surge-7", "surge-6", "surge-5"})
"""The algorithms whose state this one goes on from. The numbers in it need the same units; what
they were learnt with may differ, and is forgotten with time."""

MONTH: Final = timedelta(days=30.436875)
"""Mean length of a month: a twelfth of a Gregorian year."""

_KINDS: Final = ("company", "topic", "market")
"""The kinds of subjects, which their names begin with."""

Wait = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=365))]


class Rule(BaseModel):
    """The number of false alarms allowed, and durations; everything else is learnt from the news.

    >>> Rule().version == Rule().version != Rule(false_alarms_per_subject_month=1.0).version
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    false_alarms_per_subject_month: float = Field(
        default=0.1,
        ge=1e-6,
        le=30.0,
        description="False alarms that a subject may raise in a month. A lower number means fewer "
        "and later alerts.",
    )
    for_: Wait = Field(
        default=timedelta(0),
        alias="for",
        description="Time that a surge must last before an alert fires.",
    )
    keep_firing_for: Wait = Field(
        default=timedelta(hours=6),
        description="Time that a subject must be calm before its alert resolves.",
    )
    update_interval: timedelta = Field(
        default=timedelta(hours=8),
        gt=timedelta(0),
        le=timedelta(days=365),
        description="Time after which an alert that goes on is told again, if another headline "
        "leads by then.",
    )
    silenced: tuple[str, ...] = Field(
        default=(),
        description="Subjects that never alert, such as company:ACME or topic:*; their baseline "
        "is still learnt.",
    )
    bin: timedelta = Field(
        default=timedelta(hours=1),
        ge=timedelta(seconds=1),
        le=timedelta(days=7),
        description="Length of a bin, in which news is counted. The pattern of a week of 168 bins "
        "is learnt.",
    )
    lateness: timedelta = Field(
        default=timedelta(0),
        ge=timedelta(0),
        le=timedelta(days=365),
        description="Event time by which the signals of one lineage may be out of order.",
    )
    idle_timeout: float = Field(
        default=30.0,
        gt=0.0,
        le=86_400.0,
        description="Seconds of silence after which a lineage is idle and not waited for.",
    )
    max_ahead: timedelta = Field(
        default=MAX_AHEAD,
        ge=timedelta(0),
        le=timedelta(days=36_500),
        description="Time by which news may be dated after its signal was written; what is dated "
        "later is set aside. Raise it to rehearse with invented dates.",
    )
    max_pending: int = Field(
        default=100_000,
        ge=1,
        le=100_000_000,
        description="Most signals of a partition that wait to be put in order; about 1 KB each.",
    )

    @field_validator("silenced")
    @classmethod
    def _name_subjects(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse patterns that no subject can match, which would silence nothing without a word."""
        for pattern in patterns:
            kind, colon, name = pattern.partition(":")
            is_kind = colon and name and any(fnmatchcase(each, kind) for each in _KINDS)
            if not (is_kind or pattern.startswith("*")):
                raise ValueError(
                    f"{pattern!r} is no subject and would silence nothing: write company:TICKER, "
                    "topic:NAME or market:all, or a pattern such as company:AC*"
                )
        return patterns

    @cached_property
    def number(self) -> int:
        """48 bits that change with the algorithm and with what makes a surge of given signals."""
        settings = self.model_dump_json(exclude={"silenced", "max_ahead", "update_interval"})
        return int.from_bytes(sha256(f"{ALGORITHM} {settings}".encode()).digest()[:6], "big")

    @property
    def version(self) -> str:
        """The number as text, which every alert carries."""
        return version(self.number)


def version(number: int) -> str:
    """Return the number of a rule as twelve hexadecimal digits.

    >>> version(255)
    '0000000000ff'
    """
    return f"{number:012x}"
