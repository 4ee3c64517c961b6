"""Canaries in every secret setting: nothing that commands print, log or set aside has one."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from cli.main import app
from infra.logging import configure_logging
from infra.privacy.letter_masks import with_masks
from infra.privacy.redaction import redaction_of
from infra.settings.model import Log, Settings, load
from infra.settings.schema import settings_of
from streams.core.dead_letter import dead_letter
from streams.core.handler import Rejection
from streams.core.record import Stored
from streams.core.stage import Stage
from streams.kafka.connection import client_options
from tests.streams.conftest import Counting

SECRETS = [
    setting
    for setting in settings_of(Settings).values()
    if setting.is_secret and not setting.is_collection
]
CANARIES = {setting.variable: f"canary-{number}-4711" for number, setting in enumerate(SECRETS)}
NOWHERE = {
    "NEWSQUAKE_KAFKA__BOOTSTRAP": "127.0.0.1:1",
    "NEWSQUAKE_KAFKA__SECURITY": "SASL_PLAINTEXT",
    "NEWSQUAKE_KAFKA__SASL_MECHANISM": "SCRAM-SHA-512",
    "NEWSQUAKE_KAFKA__USERNAME": "quake",
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of a process at its most talkative level."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    redact = redaction_of(load(None, NOWHERE | CANARIES))
    configure_logging(Log(level="debug"), stream, redact)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    configured = [name for name in logging.root.manager.loggerDict if name.startswith("aiokafka")]
    for name in configured:
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_there_are_secrets_to_look_for() -> None:
    """The tests below would pass because they look for nothing."""
    assert len(CANARIES) >= 4


@pytest.mark.parametrize(
    "command",
    [
        ["config", "show"],
        ["config", "show", "--json"],
        ["topics", "list"],
        ["topics", "create"],
        ["acls", "worker"],
        ["health"],
        ["dlq", "list"],
        ["watch", "alerts"],
        ["serve", "ingest", "--host", "news.example"],
        ["no", "such", "command"],
    ],
)
def test_no_command_prints_a_secret(command: list[str]) -> None:
    """The output of a command is pasted into tickets, and stands in the logs of CI."""
    environ = NOWHERE | CANARIES | {"NEWSQUAKE_METRICS__PORT": "1"}
    result = CliRunner().invoke(app, command, env=environ)
    assert result.output
    assert "canary" not in result.output


def test_no_file_with_a_secret_is_quoted(tmp_path: Path) -> None:
    """A configuration with one misspelt line would be printed with all its passwords."""
    config = tmp_path / "my.toml"
    config.write_text('[kafka]\npassword = "canary"\nusernam = "x"\n[serve]\ntoken = ["canary"]\n')
    result = CliRunner().invoke(app, ["--config", str(config), "config", "show"])
    assert result.exit_code == 2
    assert "canary" not in result.output


def test_no_log_line_has_a_secret(log: io.StringIO) -> None:
    """Whoever may read logs could log in as the worker."""
    settings = load(None, NOWHERE | CANARIES)
    options = client_options(settings.kafka)
    log_line = structlog.get_logger("streams.kafka")
    log_line.debug("settings", settings=settings, options=options, password=settings.kafka.password)
    logging.getLogger("aiokafka.conn").info("connecting with %s", options)
    for canary in CANARIES.values():
        log_line.warning("refused", problem=f"no user with {canary}")
        try:
            json.loads(f"{{{canary}")
        except ValueError as error:
            log_line.exception("failed", error=error, document=f"{{{canary}")
    assert log.getvalue().count("\n") >= 2 + 2 * len(CANARIES)
    assert "4711" not in log.getvalue()


def test_no_dead_letter_has_a_secret() -> None:
    """Dead letters are kept for ninety days, and read by everybody who looks for a fault."""
    stage = Stage("score", "group", "news.accepted", Counting(), "news.dead")
    (masking,) = with_masks([stage], load(None, NOWHERE | CANARIES))
    record = Stored("news.accepted", 0, 1, 99, b"1", b"{}", ())
    for canary in CANARIES.values():
        error = OSError(f"the model's server refuses {canary}")
        letter = dead_letter(masking, Rejection(record, "model", error), 1)
        assert b"canary" not in b"".join(value for _, value in letter.headers)
