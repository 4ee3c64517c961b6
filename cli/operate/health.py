"""``newsquake health``."""

import http.client
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import orjson
import typer

from infra.http.own_ports import CertificateUnreadable, ask_port, reachable_host
from infra.settings.metrics import Metrics
from infra.settings.model import Settings
from infra.usage_error import UsageError

_ANSWER_SECONDS: Final = 6.0
"""The time in which a port must answer: more than a worker gives its event loop and Kafka."""
_OK: Final = 200


class _Answer(NamedTuple):
    """The answer of one worker process.

    Attributes:
        address: The address and port that were asked.
        agents: The agents that should answer.
        problems: A sentence for each thing that is wrong; none if all is well.
    """

    address: str
    agents: Sequence[str]
    problems: Sequence[str]


def run(settings: Settings, *, ready: bool, as_json: bool) -> None:
    """Ask all processes of the worker with these settings, and print one line.

    Raises:
        UsageError: The settings name no port.
        typer.Exit: A process does not answer or is not well; the code is 1.
    """
    if not settings.ports:
        raise UsageError(
            "the worker has no port to ask: set NEWSQUAKE_METRICS__PORT, for the worker and here"
        )
    host = reachable_host(settings.metrics.host)
    agents: dict[int, list[str]] = {}
    for agent, port in settings.ports.items():
        agents.setdefault(port, []).append(agent)
    path = "/ready" if ready else "/live"
    with ThreadPoolExecutor(len(agents)) as pool:
        asked = [
            pool.submit(_ask, f"{host}:{port}", path, names, settings.metrics)
            for port, names in agents.items()
        ]
        answers = [answer.result() for answer in asked]
    is_healthy = not any(answer.problems for answer in answers)
    _print(answers, is_healthy=is_healthy, as_json=as_json)
    if not is_healthy:
        raise typer.Exit(1)


def _print(answers: Sequence[_Answer], *, is_healthy: bool, as_json: bool) -> None:
    if as_json:
        document = {"healthy": is_healthy, "processes": [answer._asdict() for answer in answers]}
        typer.echo(orjson.dumps(document).decode())
    elif is_healthy:
        typer.echo(f"healthy: {', '.join(name for answer in answers for name in answer.agents)}")
    else:
        problems = [problem for answer in answers for problem in answer.problems]
        typer.echo(f"unhealthy: {'; '.join(problems)}")


def _ask(address: str, path: str, agents: Sequence[str], metrics: Metrics) -> _Answer:
    """Ask one process. A port that others answer, or an agent of another worker, is a problem."""
    names, secret = ", ".join(agents), metrics.token.get_secret_value()
    try:
        status, body = ask_port(address, path, metrics, _ANSWER_SECONDS)
        document = orjson.loads(body)
        if secret and not document:
            return _Answer(address, agents, [f"{address} wants another metrics.token"])
        if metrics.is_closed and not document:  # who shows no certificate learns the status alone
            document = {"problems": [], "agents": agents}
        problems = [str(problem) for problem in document["problems"]]
        if others := set(document["agents"]) ^ set(agents):
            problems.append(f"{address} belongs to a worker with other agents ({sorted(others)})")
        elif status != _OK and not problems:
            problems.append(f"{names} at {address} answers with status {status}")
    except CertificateUnreadable as error:
        problems = [str(error)]
    except TimeoutError:
        problems = [f"{names} at {address} does not answer within {_ANSWER_SECONDS:.0f} s"]
    except OSError as error:
        problems = [f"{names} can't be reached at {address} ({error.strerror or error})"]
    except (http.client.HTTPException, ValueError, KeyError, TypeError):
        problems = [f"{address} is no port of a worker: set NEWSQUAKE_METRICS__PORT to another"]
    return _Answer(address, agents, problems)
