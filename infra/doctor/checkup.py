"""Make the checks one after the other, each within its time limit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple

from aiokafka.errors import KafkaError

from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, Status, explained, fault, not_checked
from streams.core.errors import StreamError
from streams.monitoring.diagnosis import explain_failure

_END_SECONDS: Final = 1.0
"""The time for a check that is broken off, and for the connection, to end."""
_BAD: Final = ("fault", "not checked")

Ask = Callable[[Examination], Awaitable[Iterable[Finding]]]


class Check(NamedTuple):
    """One check.

    Attributes:
        name: The name, which programs rely on.
        asks: The question, for the documentation.
        ask: Finds the answer.
        needs: The checks without which this one can't be made.
        patience: The time limit, as a multiple of that of others.
        of_model: Whether ``--no-model`` leaves it out.
    """

    name: str
    asks: str
    ask: Ask
    needs: tuple[str, ...] = ()
    patience: float = 1.0
    of_model: bool = False


class Result(NamedTuple):
    """One finding of one check, as programs see it."""

    check: str
    status: Status
    detail: str
    remedy: str


async def check_up(examination: Examination, checks: Sequence[Check]) -> AsyncIterator[Result]:
    """Yield the findings of each check, at least one of each."""
    failed: set[str] = set()
    for check in checks:
        findings = await _findings(examination, check, failed)
        if any(finding.status in _BAD for finding in findings):
            failed.add(check.name)
        for finding in findings:
            yield Result(check.name, *finding)
    closing = asyncio.ensure_future(examination.close())
    await asyncio.wait([closing], timeout=_END_SECONDS)


async def _findings(
    examination: Examination, check: Check, failed: Collection[str]
) -> Sequence[Finding]:
    missing = [name for name in check.needs if name in failed]
    if missing:
        return [not_checked(f"that needs {' and '.join(missing)}, see above")]
    seconds = examination.seconds * check.patience
    asking = asyncio.ensure_future(_ask(examination, check))
    await asyncio.wait([asking], timeout=seconds)
    if asking.done() and not asking.cancelled():
        return asking.result()
    # A client may not end while its broker is frozen: it is left behind.
    asking.cancel()
    await asyncio.wait([asking], timeout=_END_SECONDS)
    detail = f"no answer within {seconds:g} s"
    return [fault(detail, "look into the brokers' logs, or give it longer with --timeout")]


async def _ask(examination: Examination, check: Check) -> Sequence[Finding]:
    try:
        return list(await check.ask(examination))
    except StreamError as error:
        return [explained(" ".join(str(error).split()))]
    except (KafkaError, OSError) as error:
        return [explained(await explain_failure(error, examination.cluster))]
    except Exception as error:  # noqa: BLE001 - the other checks are still worth making
        name = f"{type(error).__name__}: {error}"
        return [fault(f"the check itself failed ({name})", "report this as a bug of newsquake")]
