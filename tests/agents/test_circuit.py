"""The circuit by itself, with a clock of the test."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pydantic import ValidationError

from agents.asking.circuit import JITTER, MAX_RETRY_SECONDS, Circuit, CircuitSettings


def circuit(failures: int = 3, first: float = 1.0, longest: float = 8.0) -> Circuit:
    """Return a circuit whose pauses are not shortened by chance."""
    settings = CircuitSettings(failures=failures, first_pause=first, max_pause=longest)
    return Circuit(settings, chance=lambda: 0.0)


def opened(now: float = 0.0) -> Circuit:
    """Return a circuit that has just opened."""
    made = circuit(failures=1)
    assert made.fail(now)
    return made


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    """One hiccup of a server would stop the news, or a server that is gone be asked for ever."""
    made = circuit(failures=3)
    assert [made.fail(0.0), made.fail(0.0)] == [False, False]
    made.succeed()
    assert [made.fail(0.0) for _ in range(3)] == [False, False, True]
    assert made.state == "open"
    assert made.down_since == 0.0


def test_the_pauses_before_it_opens_are_short_and_grow() -> None:
    """An overloaded server would be asked five times within a millisecond."""
    made, pauses = circuit(failures=9), []
    for _ in range(8):
        made.fail(5.0)
        pauses.append(made.pause(5.0))
    assert pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, MAX_RETRY_SECONDS])
    assert made.pause(99.0) == 0.0


def test_the_pauses_between_probes_double_up_to_the_longest() -> None:
    """A server would be probed every second for a whole night, or not for hours after its cure."""
    made, pauses = opened(), []
    for _ in range(6):
        pauses.append(made.pause(0.0))
        made.begin_probe()
        made.end_probe(0.0, succeeded=False)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    for _ in range(2_000):
        made.begin_probe()
        made.end_probe(0.0, succeeded=False)
    assert made.pause(0.0) == 8.0


def test_after_a_probe_it_is_on_trial_until_an_ordinary_call_succeeds() -> None:
    """A model that answers probes alone would be stormed anew with every short pause."""
    made = circuit(failures=5)
    while not made.fail(10.0):
        pass
    made.begin_probe()
    made.end_probe(11.0, succeeded=True)
    assert (made.state, made.pause(11.0), made.down_since) == ("closed", 0.0, 10.0)
    assert made.fail(12.0)
    assert (made.pause(12.0), made.down_since) == (2.0, 10.0)
    made.begin_probe()
    made.end_probe(14.0, succeeded=True)
    made.succeed()
    assert made.down_since is None
    assert [made.fail(15.0) for _ in range(5)] == [False] * 4 + [True]
    assert made.pause(15.0) == 1.0


def test_calls_from_before_it_opened_decide_nothing() -> None:
    """A late answer would close the circuit of a model that is down, or restart its pauses."""
    made = opened()
    assert not made.fail(0.5)
    made.succeed()
    assert (made.state, made.pause(0.0)) == ("open", 1.0)
    made.begin_probe()
    made.succeed()
    assert not made.fail(1.0)
    assert made.state == "half-open"


@given(st.floats(0.0, 1.0, exclude_max=True))
def test_chance_only_shortens_a_pause(chance: float) -> None:
    """All workers would probe a server at the same moment, or one later than the settings say."""
    settings = CircuitSettings(failures=1, first_pause=4.0, max_pause=4.0)
    made = Circuit(settings, chance=lambda: chance)
    made.fail(0.0)
    assert 4.0 * (1 - JITTER) <= made.pause(0.0) <= 4.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"failures": 0},
        {"failures": 101},
        {"first_pause": 0.0},
        {"max_pause": 4_000.0},
        {"limit": -1.0},
        {"limit": 700_000.0},
        {"first_pause": 60.0, "max_pause": 1.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    """A typing error would have a worker probe without a pause, or hardly ever."""
    with pytest.raises(ValidationError):
        CircuitSettings.model_validate(wrong)


class AnyOrder(RuleBasedStateMachine):
    """Calls and probes in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.circuit = circuit(failures=3)
        self.now = 0.0

    @rule(seconds=st.floats(0.0, 100.0))
    def time_passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    @rule()
    def call_fails(self) -> None:
        """Let a call fail: only a closed circuit opens by it."""
        was = self.circuit.state
        is_opened = self.circuit.fail(self.now)
        assert is_opened == (was == "closed" and self.circuit.state == "open")

    @rule()
    def call_succeeds(self) -> None:
        """Let a call succeed: it never changes the state."""
        was = self.circuit.state
        self.circuit.succeed()
        assert self.circuit.state == was

    @precondition(lambda self: self.circuit.state == "open")
    @rule(succeeded=st.booleans())
    def probe(self, *, succeeded: bool) -> None:
        """Probe the model."""
        self.circuit.begin_probe()
        assert self.circuit.state == "half-open"
        self.circuit.end_probe(self.now, succeeded=succeeded)
        assert self.circuit.state == ("closed" if succeeded else "open")

    @invariant()
    def tells_since_when(self) -> None:
        """Have an open circuit know since when, and a pause within the settings."""
        assert 0.0 <= self.circuit.pause(self.now) <= 8.0
        if self.circuit.state != "closed":
            assert self.circuit.down_since is not None


TestAnyOrder = pytest.mark.property(AnyOrder.TestCase)
