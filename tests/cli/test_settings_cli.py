"""Settings and failures as the command line reports them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

SECRET = "hunter2"  # noqa: S105 - what must not be seen
NOWHERE = "127.0.0.1:1"


def invoke(*arguments: str, **environ: str) -> Result:
    """Run the command with variables of its own."""
    return CliRunner().invoke(app, arguments, env=dict(environ))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file."""
    path = tmp_path / "my.toml"
    path.write_text('[kafka]\nprefix = "file."\n')
    return path


def test_config_show_masks_secrets_and_names_origins(file: Path) -> None:
    """A password would be in a ticket, or nobody would know which of three places sets a value."""
    result = invoke("--config", str(file), "config", "show", NEWSQUAKE_KAFKA__PASSWORD=SECRET)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0, result.output
    assert SECRET not in result.output
    assert "kafka.password = **********  (NEWSQUAKE_KAFKA__PASSWORD)" in lines
    assert f"kafka.prefix = file.  ({file}: kafka.prefix)" in lines
    assert "log.level = info  (default)" in lines


def test_config_show_is_json_for_programs() -> None:
    """A deployment's check could not read it, or would log the password."""
    result = invoke("config", "show", "--json", NEWSQUAKE_KAFKA__PASSWORD=SECRET)
    shown = {setting["name"]: setting for setting in json.loads(result.stdout)}
    assert SECRET not in result.output
    assert shown["kafka.password"]["origin"] == "NEWSQUAKE_KAFKA__PASSWORD"


def test_a_misspelt_variable_ends_with_2_and_a_hint() -> None:
    """Production would run on a default without a word."""
    result = invoke("config", "show", NEWSQUAKE_KAFKA__BOOTSTRP="x")
    assert result.exit_code == 2
    assert result.stderr == (
        "newsquake: NEWSQUAKE_KAFKA__BOOTSTRP: no such setting; "
        "did you mean NEWSQUAKE_KAFKA__BOOTSTRAP?\n"
    )


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("joined", [False, True])
def test_config_is_accepted_anywhere(file: Path, index: int, joined: bool) -> None:
    """``newsquake watch alerts --config my.toml`` would be refused, or watch another cluster."""
    option = [f"--config={file}"] if joined else ["--config", str(file)]
    command = ["config", "show"]
    result = invoke(*command[:index], *option, *command[index:])
    assert result.exit_code == 0, result.output
    assert "kafka.prefix = file." in result.stdout


def test_config_without_a_file_or_with_a_missing_one_ends_with_2(tmp_path: Path) -> None:
    """The command would run with other settings than the user named."""
    assert invoke("config", "show", "--config").exit_code == 2
    missing = invoke("config", "show", "--config", str(tmp_path / "no.toml"))
    assert missing.exit_code == 2
    assert "no.toml" in missing.stderr


@pytest.mark.parametrize(
    "command", [["topics", "create"], ["topics", "list"], ["watch", "alerts"], ["publish", "-"]]
)
def test_a_broker_that_is_not_there_is_one_line(command: list[str]) -> None:
    """A wrong address would be buried in a traceback, or the command hang."""
    result = invoke(*command, NEWSQUAKE_KAFKA__BOOTSTRAP=NOWHERE)
    assert result.exit_code == 1
    assert result.stderr.startswith("newsquake: ")
    assert result.stderr.count("\n") == 1
    assert NOWHERE in result.stderr
    assert result.stdout == ""


def test_a_worker_without_a_broker_ends_with_1_and_one_line() -> None:
    """A supervisor would take it for running, and its log would hold a traceback."""
    result = subprocess.run(
        [Path(sys.executable).with_name("newsquake"), "worker"],
        env={**os.environ, "NEWSQUAKE_KAFKA__BOOTSTRAP": NOWHERE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    failed = [line for line in result.stderr.splitlines() if "worker failed" in line]
    assert result.returncode == 1
    assert len(failed) == 1
    assert NOWHERE in failed[0]
    assert "Traceback" not in result.stderr
