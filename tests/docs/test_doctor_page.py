"""The page about the doctor, compared with the table of checks."""

import re
from pathlib import Path

from infra.doctor.checks import CHECKS

PAGE = Path(__file__).parents[2] / "docs/doctor.md"
ROW = re.compile(r"^\| `([\w-]+)` \| (.+\?) \| (.*) \|$", re.MULTILINE)


def test_the_page_has_the_checks_of_the_code() -> None:
    """Somebody would write a script for a check that is called otherwise, or is no more."""
    rows = ROW.findall(PAGE.read_text("utf-8"))
    needs = {check.name: ", ".join(f"`{name}`" for name in check.needs) for check in CHECKS}
    assert rows == [(check.name, check.asks, needs[check.name]) for check in CHECKS]


def test_a_check_needs_only_checks_that_come_before() -> None:
    """It would be made although what it needs is broken, and hang."""
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    for place, check in enumerate(CHECKS):
        assert set(check.needs) <= set(names[:place])
