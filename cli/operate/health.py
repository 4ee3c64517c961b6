"""``newsquake health``."""

import http.client
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import orjson
import typer
from pydantic import SecretStr

from infra.settings.model import Settings
from infra.usage_error import UsageError

_ANSWER_SECONDS: Final = 6.0
"""The time in which a port must answer: more than a worker gives its event loop and Kafka."""
_OWN_ADDRESSES: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is asked instead
"""The address at which a process that listens at all addresses is asked."""
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
    host = _OWN_ADDRESSES.get(settings.metrics.host, settings.metrics.host)
    agents: dict[int, list[str]] = {}
    for agent, port in settings.ports.items():
        agents.setdefault(port, []).append(agent)
    path = "/ready" if ready else "/live"
    with ThreadPoolExecutor(len(agents)) as pool:
        asked = [
            pool.submit(_ask, f"{host}:{port}", path, names, settings.metrics.token)
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


def _ask(address: str, path: str, agents: Sequence[str], token: SecretStr) -> _Answer:
    """Ask one process. A port that others answer, or an agent of another worker, is a problem."""
    names, (host, _, port) = ", ".join(agents), address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=_ANSWER_SECONDS)
    secret = token.get_secret_value()
    headers = {"Authorization": f"Bearer {secret}".encode()} if secret else {}
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        document = orjson.loads(response.read())
        if secret and not document:
            return _Answer(address, agents, [f"{address} wants another metrics.token"])
        problems = [str(problem) for problem in document["problems"]]
        if others := set(document["agents"]) ^ set(agents):
            problems.append(f"{address} belongs to a worker with other agents ({sorted(others)})")
        elif response.status != _OK and not problems:
            problems.append(f"{names} at {address} answers with status {response.status}")
    except TimeoutError:
        problems = [f"{names} at {address} does not answer within {_ANSWER_SECONDS:.0f} s"]
    except OSError as error:
        problems = [f"{names} can't be reached at {address} ({error.strerror or error})"]
    except (http.client.HTTPException, ValueError, KeyError, TypeError):
        problems = [f"{address} is no port of a worker: set NEWSQUAKE_METRICS__PORT to another"]
    finally:
        connection.close()
    return _Answer(address, agents, problems)
