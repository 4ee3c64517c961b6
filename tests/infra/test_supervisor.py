import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from infra.backoff import Backoff
from infra.supervisor import Command, Status, Supervisor

QUICK = Backoff(first_seconds=0.01, max_seconds=0.05, max_failures=5)


def python(name: str, code: str, log: Path | None = None) -> Command:
    """Return a command that runs ``code``."""
    return Command(name, [sys.executable, "-c", code], log=log)


SLEEPER = python("sleeper", "import time; time.sleep(60)")


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until ``condition`` holds, at most ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def only_status(supervisor: Supervisor) -> Status:
    """Return the state of the only command."""
    (status,) = supervisor.status
    return status


def test_a_killed_worker_is_started_again() -> None:
    """The demo kills workers on purpose: they must come back, with a line that says so."""
    with capture_logs() as logs, Supervisor([SLEEPER], backoff=QUICK) as supervisor:
        until(lambda: only_status(supervisor).state == "running")
        first = supervisor.kill(0)
        assert first
        until(
            lambda: (
                only_status(supervisor).restarts == 1 and only_status(supervisor).state == "running"
            )
        )
        assert only_status(supervisor).pid not in {None, first}
    assert [line["event"] for line in logs] == [
        "sleeper was killed by SIGKILL; starting it again in 0.01 s"
    ]


def test_only_the_chosen_worker_is_killed() -> None:
    """Killing one of three must leave the others' partitions with them."""
    with capture_logs(), Supervisor([SLEEPER] * 3, backoff=QUICK) as supervisor:
        until(lambda: all(status.state == "running" for status in supervisor.status))
        before = [status.pid for status in supervisor.status]
        assert supervisor.kill(1) == before[1]
        until(lambda: supervisor.status[1].restarts == 1)
        assert [status.restarts for status in supervisor.status] == [0, 1, 0]
        assert [supervisor.status[index].pid for index in (0, 2)] == [before[0], before[2]]


def test_a_worker_that_always_fails_is_given_up() -> None:
    """A misconfigured worker must not be started for ever."""
    failing = python("broken", "import sys; sys.exit(3)")
    with capture_logs() as logs, Supervisor([failing], backoff=QUICK) as supervisor:
        until(lambda: only_status(supervisor).state == "given up")
        assert only_status(supervisor) == Status("broken", "given up", None, 5)
        assert supervisor.kill(0) is None
    assert [line["log_level"] for line in logs] == ["warning"] * 5 + ["error"]
    assert logs[-1]["event"] == "broken exited with 3; giving up after 6 recent failures"


def test_a_program_that_is_not_there_is_given_up_too(tmp_path: Path) -> None:
    """A typo in a command must end, not hang the demo."""
    missing = Command("typo", [str(tmp_path / "nothing")], log=tmp_path / "log")
    with capture_logs(), Supervisor([missing], backoff=QUICK) as supervisor:
        until(lambda: only_status(supervisor).state == "given up")


def test_a_command_that_wants_to_be_started_again_is_however_often() -> None:
    """A worker that follows its model would be given up after some promotions."""
    again = python("again", "import sys; sys.exit(75)")
    with capture_logs() as logs, Supervisor([again], backoff=QUICK) as supervisor:
        until(lambda: only_status(supervisor).restarts > QUICK.max_failures + 1)
    assert {line["log_level"] for line in logs} == {"info"}


def test_a_command_that_succeeds_is_done() -> None:
    """Exit code 0 means that the work is over, not that it must be done again."""
    with capture_logs() as logs, Supervisor([python("feed", "")], backoff=QUICK) as supervisor:
        until(lambda: only_status(supervisor).state == "finished")
        assert only_status(supervisor).restarts == 0
    assert logs == []


def test_stopping_lets_a_worker_finish_what_it_does(tmp_path: Path) -> None:
    """SIGTERM first: a worker hands its partitions back instead of timing out."""
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('tidy'), sys.exit(0)))\n"
        "print('up', flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    with capture_logs() as logs, Supervisor([python("tidy", code, log)]):
        until(lambda: log.exists() and "up\n" in log.read_text())
    assert log.read_text().split() == ["up", "tidy"]
    assert logs == []


def test_a_worker_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    """A hung worker must not hang the demo's end."""
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    with capture_logs() as logs, Supervisor([python("hung", code, log)], grace=0.2) as supervisor:
        until(lambda: log.exists() and "up\n" in log.read_text())
        started = time.monotonic()
    assert time.monotonic() - started < 5
    assert only_status(supervisor).state == "finished"
    assert [line["event"] for line in logs] == ["hung did not stop in time and was killed"]


def test_stopping_while_waiting_to_restart_starts_nothing() -> None:
    """A process started after the end would be left without anybody who knows of it."""
    slow = Backoff(first_seconds=30.0, max_seconds=30.0)
    with capture_logs(), Supervisor([SLEEPER], backoff=slow) as supervisor:
        until(lambda: only_status(supervisor).state == "running")
        supervisor.kill(0)
        until(lambda: only_status(supervisor).state == "waiting")
        started = time.monotonic()
    assert time.monotonic() - started < 5
    assert only_status(supervisor).pid is None


def test_commands_see_the_environment_they_are_given(tmp_path: Path) -> None:
    """Workers of one demo differ only in what their environment says."""
    code = "import os; print(os.environ['WHO'])"
    command = Command("who", [sys.executable, "-c", code], {"WHO": "me"}, tmp_path / "log")
    with Supervisor([command]) as supervisor:
        until(lambda: only_status(supervisor).state == "finished")
    assert (tmp_path / "log").read_text().strip() == "me"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, 63])
def test_every_ending_has_words(number: int) -> None:
    """Real-time signals have no name, and must not break the line that reports them."""
    code = f"import os; os.kill(os.getpid(), {int(number)})"
    with (
        capture_logs() as logs,
        Supervisor([python("dying", code)], backoff=Backoff(max_failures=0)) as supervisor,
    ):
        until(lambda: only_status(supervisor).state == "given up")
    expected = number.name if isinstance(number, signal.Signals) else f"signal {number}"
    assert logs[0]["event"].startswith(f"dying was killed by {expected}; giving up")
