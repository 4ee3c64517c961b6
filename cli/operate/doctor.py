"""``newsquake doctor``."""

import asyncio
import os
import sys
from collections.abc import Sequence

import orjson
import typer

from cli.command_setup import quiet
from infra.doctor.checks import CHECKS
from infra.doctor.checkup import Check, Result, check_up
from infra.doctor.examination import Examination
from infra.settings.model import Settings

_COLORS = {"ok": "green", "warning": "yellow", "fault": "red", "not checked": "yellow"}
_STATUS_WIDTH = max(map(len, _COLORS))
_CHECK_WIDTH = max(len(check.name) for check in CHECKS)


def run(settings: Settings, *, seconds: float, with_model: bool, as_json: bool) -> None:
    """Make all checks, print their findings, and end the process: with 1 if there is a fault."""
    quiet()
    checks = [check for check in CHECKS if with_model or not check.of_model]
    asyncio.run(_check_and_exit(Examination(settings, seconds), checks, as_json=as_json))


async def _check_and_exit(
    examination: Examination, checks: Sequence[Check], *, as_json: bool
) -> None:
    """Check, print, and exit at once: a check that was broken off may still wait for a broker."""
    results: list[Result] = []
    async for result in check_up(examination, checks):
        results.append(result)
        if not as_json:
            _print(result)
    if as_json:
        document = [result._asdict() for result in results]
        typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    sys.stdout.flush()
    os._exit(any(result.status == "fault" for result in results))


def _print(result: Result) -> None:
    status = typer.style(f"{result.status:<{_STATUS_WIDTH}}", fg=_COLORS[result.status])
    remedy = f" -> {result.remedy}" if result.remedy else ""
    typer.echo(f"{status}  {result.check:<{_CHECK_WIDTH}}  {result.detail}{remedy}")
