"""The circuit of a model: what is done about one that fails as a whole.

::

    closed ──failures in a row──> open ──pause is over──> half-open ──probe succeeds──> closed
                                    ^──────probe fails, a longer pause───┘

Pure: the time is an argument. `agents.asking.guarded_model` calls the model.
"""

import random
from collections.abc import Callable
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

State = Literal["closed", "half-open", "open"]
STATES: Final[dict[State, float]] = {"closed": 0.0, "half-open": 1.0, "open": 2.0}
"""The states as numbers of a metric; a closed circuit on trial counts as half-open."""

MIN_RETRY_SECONDS: Final = 0.1
"""The pause after the first failure of a closed circuit; each further one is twice as long."""
MAX_RETRY_SECONDS: Final = 5.0
JITTER: Final = 0.25
"""The share of a pause that is left to chance, so that workers do not ask a server all at once."""
_MAX_DOUBLINGS: Final = 20
"""Enough for any longest pause; a larger power could be too large for a number."""


class CircuitSettings(BaseModel):
    """What `score` does while its model fails as a whole: docs/circuit.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    failures: int = Field(
        default=5,
        ge=1,
        le=100,
        description="Failures of the model in a row, with short pauses, after which the circuit "
        "opens.",
    )
    first_pause: float = Field(
        default=1.0,
        ge=0.05,
        le=600.0,
        description="Seconds until an open circuit is probed; each further pause is twice as long.",
    )
    max_pause: float = Field(
        default=60.0, ge=0.05, le=3600.0, description="The longest time between two probes."
    )
    call_timeout: float = Field(
        default=600.0,
        ge=0.05,
        le=86_400.0,
        description="Seconds that one call of the model may take; one that takes longer hangs, and "
        "opens the circuit at once. Longer than the largest batch takes on this machine.",
    )
    limit: float = Field(
        default=0.0,
        ge=0.0,
        le=604_800.0,
        description="Seconds for which records may wait for the model before the worker ends with "
        "code 1, so that its supervisor loads the model anew. 0: never. It has no effect beside a "
        "fallback, with which no record waits.",
    )
    fallback: str = Field(
        default="",
        max_length=1_000,
        description="The model that scores while the circuit is open, named as nlp.model is. Such "
        "articles have `degraded: true` and are not scored again. Empty: records wait.",
    )

    @model_validator(mode="after")
    def _pauses_grow(self) -> Self:
        if self.first_pause > self.max_pause:
            raise ValueError("first_pause is longer than max_pause")
        return self


class Circuit:
    """Counts the failures of a model, and says when to ask it again.

    After a probe that succeeded the circuit is closed on trial: the first failure opens it again,
    and the pauses go on growing, until the model has answered an ordinary call.

    >>> circuit = Circuit(CircuitSettings(failures=2, first_pause=10), chance=lambda: 0.0)
    >>> circuit.fail(0.0), circuit.fail(1.0), circuit.state, circuit.pause(1.0)
    (False, True, 'open', 10.0)
    >>> circuit.begin_probe()
    >>> circuit.end_probe(11.0, succeeded=False)
    >>> circuit.state, circuit.pause(11.0)
    ('open', 20.0)
    >>> circuit.begin_probe()
    >>> circuit.end_probe(31.0, succeeded=True)
    >>> circuit.state, circuit.pause(31.0), circuit.is_on_trial, circuit.level
    ('closed', 0.0, True, 1.0)
    >>> circuit.succeed()
    >>> circuit.is_on_trial, circuit.level
    (False, 0.0)

    Attributes:
        state: Whether the model may be asked: always, for a probe, or not at all.
        down_since: The time at which the circuit opened first; None after an ordinary answer.
    """

    def __init__(
        self, settings: CircuitSettings, chance: Callable[[], float] = random.random
    ) -> None:
        """Begin closed. ``chance`` returns numbers from 0 up to 1."""
        self.state: State = "closed"
        self.down_since: float | None = None
        self._settings = settings
        self._chance = chance
        self._failures = 0
        self._openings = 0
        self._retry_at = 0.0

    @property
    def is_on_trial(self) -> bool:
        """True after a probe that succeeded, until the model has answered an ordinary call."""
        return self.state == "closed" and self.down_since is not None

    @property
    def level(self) -> float:
        """The state as a number of a metric."""
        return STATES["half-open" if self.is_on_trial else self.state]

    def fail(self, now: float, *, hangs: bool = False) -> bool:
        """Count a failure of the model as a whole; return whether the circuit opens by it.

        One that ``hangs`` opens it at once: its thread can't be asked again.

        Unless the circuit is closed nothing is counted: such calls began before it opened.
        """
        if self.state != "closed":
            return False
        self._failures += 1
        if hangs or self._openings or self._failures >= self._settings.failures:
            self._open(now)
            return True
        self._wait(now, MIN_RETRY_SECONDS, self._failures - 1, MAX_RETRY_SECONDS)
        return False

    def succeed(self) -> None:
        """Count an answer of the model to an ordinary call, which ends a trial.

        Unless the circuit is closed nothing is counted: such calls began before it opened.
        """
        if self.state == "closed":
            self.down_since, self._failures, self._openings = None, 0, 0

    def pause(self, now: float) -> float:
        """Return the seconds until the model is asked again; 0 if it may be asked now."""
        return max(0.0, self._retry_at - now)

    def begin_probe(self) -> None:
        """Ask the model of an open circuit whether it works again."""
        self.state = "half-open"

    def end_probe(self, now: float, *, succeeded: bool) -> None:
        """Close the circuit on trial, or open it again for a longer time."""
        if succeeded:
            self.state, self._failures, self._retry_at = "closed", 0, now
        else:
            self._open(now)

    def _open(self, now: float) -> None:
        self.state = "open"
        self.down_since = now if self.down_since is None else self.down_since
        self._wait(now, self._settings.first_pause, self._openings, self._settings.max_pause)
        self._openings += 1

    def _wait(self, now: float, first_seconds: float, doublings: int, max_seconds: float) -> None:
        seconds = min(max_seconds, first_seconds * 2 ** min(doublings, _MAX_DOUBLINGS))
        self._retry_at = now + seconds * (1 - JITTER * self._chance())
