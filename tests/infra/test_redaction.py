"""The values of secrets, and personal data, in what is logged and printed."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import SecretStr
from typer.testing import CliRunner

import cli.command_setup
from cli.main import app
from infra.logging import configure_logging
from infra.privacy.redaction import Redaction, redaction_of
from infra.settings.model import Log, load
from infra.settings.serve import Serve

CANARY = "canary/4711 &x"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The log of a process whose token is the canary."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    settings = load(None, {}).model_copy(update={"serve": Serve(token=SecretStr(CANARY))})
    stream = io.StringIO()
    configure_logging(Log(), stream, redaction_of(settings))
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "value",
    [
        f"an answer of https://feeds.example/{CANARY}/rss",
        "GET /canary%2F4711%20%26x",
        ValueError(f"no such key: {CANARY}"),
        {"deep": [{"deeper": f"x{CANARY}x"}]},
        CANARY.encode(),
        SecretStr(CANARY),
        {CANARY},
    ],
)
def test_a_secret_of_the_settings_is_masked_wherever_it_stands(
    stream: io.StringIO, value: object
) -> None:
    """A library's error would carry the token into the log, in a form that has no name."""
    structlog.get_logger("x").warning("failed", value=value)
    logging.getLogger("library").error("failed with %s", value)
    assert CANARY not in stream.getvalue()
    assert "4711" not in stream.getvalue()


def test_a_secret_in_a_traceback_is_masked(stream: io.StringIO) -> None:
    """The one line that is pasted into a ticket would have the password."""
    try:
        dict[str, str]()[CANARY]
    except KeyError:
        structlog.get_logger("x").exception("stopped")
    (line,) = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert "KeyError: '**********'" in line["exception"]


def test_personal_data_is_masked_in_logs_unless_set_otherwise(stream: io.StringIO) -> None:
    """A reader's e-mail address in a bad record would be kept as long as the log is."""
    structlog.get_logger("x").warning("refused", problem="from jane@mail.example")
    assert "jane" not in stream.getvalue()
    (line,) = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert line["timestamp"].endswith("Z")
    settings = load(None, {"NEWSQUAKE_PRIVACY__MASK_PERSONAL_DATA": "false"})
    assert redaction_of(settings).text("jane@mail.example") == "jane@mail.example"


def test_short_secrets_do_not_mask_words() -> None:
    """With the token "a" no log line could be read."""
    settings = load(None, {}).model_copy(update={"serve": Serve(token=SecretStr("a"))})
    assert redaction_of(settings).text("a failure") == "a failure"


def test_the_redaction_does_not_show_its_secrets() -> None:
    """Whoever logs the object that keeps secrets out of the log would log them all."""
    assert CANARY not in repr(Redaction((CANARY,)))


def test_an_unknown_failure_of_a_command_is_printed_without_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A traceback on the terminal of a CI job would have the password for everybody."""
    loads = cli.command_setup.settings

    def fail(_: object) -> object:
        monkeypatch.setattr(cli.command_setup, "settings", loads)
        raise RuntimeError(f"bug with {CANARY}")

    monkeypatch.setattr(cli.command_setup, "settings", fail)
    result = CliRunner().invoke(app, ["config", "show"], env={"NEWSQUAKE_SERVE__TOKEN": CANARY})
    assert result.exit_code == 1
    assert "RuntimeError: bug with **********" in result.output
    assert CANARY not in result.output
