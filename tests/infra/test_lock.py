"""The pins of the whole resolution in pyproject.toml."""

import tomllib
from pathlib import Path

import pytest

from tools.pin_dependencies import BEGIN, END, replace_pins

PYPROJECT = (
    f'[tool.uv]\na = 1\n{BEGIN}\nconstraint-dependencies = [\n    "old==1",\n]\n{END}\n[x]\n'
)


def test_pins_replace_older_pins() -> None:
    """An old pin left in place would contradict the new one."""
    text = replace_pins(PYPROJECT, ["b==2 ; sys_platform == 'win32'\n", "a==1.0\n", "\n"])
    expected = ["a==1.0", "b==2 ; sys_platform == 'win32'"]
    assert tomllib.loads(text)["tool"]["uv"] == {"a": 1, "constraint-dependencies": expected}
    assert text.endswith("[x]\n")


def test_no_pins_frees_all() -> None:
    """`make lock` could never move to newer versions."""
    table = tomllib.loads(replace_pins(PYPROJECT, []))["tool"]["uv"]
    assert table["constraint-dependencies"] == []


@pytest.mark.parametrize("line", ["-e .", "a>=1", 'a==1"]', "error: no network"])
def test_other_lines_are_refused(line: str) -> None:
    """A message of uv's would be written down as a dependency."""
    with pytest.raises(ValueError, match="not a pinned package"):
        replace_pins(PYPROJECT, [line])


def test_a_missing_block_is_an_error() -> None:
    """The pins would silently go nowhere."""
    with pytest.raises(ValueError, match="needs one block"):
        replace_pins("[tool.uv]\n", ["a==1"])


def test_our_own_pins_are_in_order() -> None:
    """The next `make lock` would mix its change with a reordering."""
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    pins = tomllib.loads(text)["tool"]["uv"]["constraint-dependencies"]
    assert pins
    assert replace_pins(text, pins) == text
