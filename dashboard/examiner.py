"""The doctor's findings, asked for by a page."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from infra.doctor.checks import CHECKS
from infra.doctor.checkup import check_up
from infra.doctor.examination import Examination
from infra.settings.model import Settings

FRESH_SECONDS: Final = 15.0
"""Findings are told again for so long: many pages may ask."""
_CHECK_SECONDS: Final = 5.0


class Examiner:
    """Makes all checks but those of the model, one examination at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._findings: Sequence[dict[str, Any]] = ()
        self._made_at = -FRESH_SECONDS

    async def examine(self) -> Sequence[dict[str, Any]]:
        """Return the findings, at most `FRESH_SECONDS` old."""
        async with self._lock:
            if time.monotonic() - self._made_at >= FRESH_SECONDS:
                checks = [check for check in CHECKS if not check.of_model]
                examination = Examination(self._settings, _CHECK_SECONDS)
                self._findings = [
                    result._asdict() async for result in check_up(examination, checks)
                ]
                self._made_at = time.monotonic()
        return self._findings
