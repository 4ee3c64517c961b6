"""Check that the brokers can be reached: address, protocol, certificate and credentials."""

import asyncio
from collections.abc import Iterator
from typing import Final

from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, explained, fault, ok
from streams.kafka.cluster import Cluster
from streams.monitoring.diagnosis import connection_problem

_PROBE: Final = b"\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x00\xff\xff"
"""An ApiVersions request, which every broker answers before any login."""
_ANSWER: Final = b"\x00\x00\x00\x00"
"""The correlation id of the answer, behind its length."""
_PROBE_SECONDS: Final = 2.0
_TLS_ALERT: Final = 0x15


async def connection(examination: Examination) -> Iterator[Finding]:
    """Connect to each bootstrap server, as the worker does."""
    addresses = examination.cluster.bootstrap.split(",")
    problems = await asyncio.gather(
        *(find_problem(examination.cluster, address) for address in addresses)
    )
    if not all(problems):
        await examination.connect()  # a listener that wants a login refuses only what comes next
    return judge(examination.cluster, dict(zip(addresses, problems, strict=True)))


def judge(cluster: Cluster, problems: dict[str, Finding | None]) -> Iterator[Finding]:
    """Yield the problems; with one good address the others are warnings."""
    good = [address for address, problem in problems.items() if problem is None]
    for problem in problems.values():
        if problem is not None:
            yield problem._replace(status="warning") if good else problem
    if good:
        user = "" if cluster.user == "ANONYMOUS" else f" as {cluster.user!r}"
        yield ok(f"{', '.join(good)} over {cluster.security}{user}")


async def find_problem(cluster: Cluster, address: str) -> Finding | None:
    """Return why the broker at ``address`` can't be used; None if it can."""
    problem = await connection_problem(cluster, address)
    if not problem:
        return None
    return await foreign_server(address) or explained(problem)


async def foreign_server(address: str) -> Finding | None:
    """Return that no Kafka listens at ``address``, if it answers in another language.

    A listener for TLS answers with an alert, one for Kafka with the number of the request.
    """
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.write(_PROBE)
            answer = await reader.read(64)
            writer.close()
    except (OSError, TimeoutError):
        return None
    if not answer or answer[0] == _TLS_ALERT or answer[4:8] == _ANSWER:
        return None
    return fault(
        f"{address} is no Kafka: it answers {answer[:24]!r}",
        "set NEWSQUAKE_KAFKA__BOOTSTRAP to the host and port of a broker's listener",
    )
