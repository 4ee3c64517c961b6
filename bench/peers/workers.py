"""Run several `newsquake worker` processes as one; argument COUNT. SIGTERM ends them all."""

import signal
import sys
import threading

from infra.supervisor import Command, Supervisor

_WORKER = (sys.executable, "-c", "from cli.main import app; app()", "worker")
_GRACE_SECONDS = 15.0


def main(count: str) -> None:
    """Run until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    commands = [Command(f"worker-{number}", _WORKER) for number in range(int(count))]
    with Supervisor(commands, grace=_GRACE_SECONDS):
        stop.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
