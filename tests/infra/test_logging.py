import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from infra.logging import configure_logging
from infra.masking import MASK, mask
from infra.settings.model import Log

SECRET = "hunter2hunter2"  # noqa: S105 - what must not be seen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Restore the root logger, which all tests share."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return each logged line."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    """The log output of a process without a terminal, at the default level."""
    stream = io.StringIO()
    configure_logging(Log(), stream)
    return stream


def test_a_line_is_json_with_time_level_and_logger(stream: io.StringIO) -> None:
    """A log collector needs the same fields on every line."""
    structlog.get_logger("agents.score").info("scored", records=3)
    (line,) = lines(stream)
    stamp = datetime.fromisoformat(line.pop("timestamp"))
    assert stamp.utcoffset() == UTC.utcoffset(None)
    assert abs((datetime.now(UTC) - stamp).total_seconds()) < 60
    assert line == {"event": "scored", "records": 3, "level": "info", "logger": "agents.score"}


def test_third_parties_log_through_the_same_renderer(stream: io.StringIO) -> None:
    """Two formats in one stream break whatever parses it."""
    logging.getLogger("faust.app").warning("lost %s", "broker 3")
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    ours, captured = lines(stream)
    assert (ours["event"], ours["level"]) == ("lost broker 3", "warning")
    assert ours["timestamp"].endswith("Z")
    assert captured["logger"] == "py.warnings"


def test_third_parties_are_quiet_until_they_warn(stream: io.StringIO) -> None:
    """Faust's and aiokafka's chatter would bury the one line that matters."""
    for name in ("faust.app", "mode.services", "aiokafka.consumer.group_coordinator"):
        logging.getLogger(name).info("chatter")
    assert lines(stream) == []


def test_a_client_that_retries_is_heard_only_when_debugging(stream: io.StringIO) -> None:
    """A broker that is away for a minute must not fill the log with a line an attempt."""
    client = logging.getLogger("aiokafka.conn")
    client.error("Unable to connect")
    assert lines(stream) == []
    configure_logging(Log(level="debug"), stream)
    client.error("Unable to connect")
    assert [line["event"] for line in lines(stream)] == ["Unable to connect"]


def test_the_level_is_kept(stream: io.StringIO) -> None:
    """Debug lines in production cost money; an operator who asks for them gets them."""
    structlog.get_logger("streams.core.pump").debug("detail")
    assert lines(stream) == []
    configure_logging(Log(level="debug"), stream)
    structlog.get_logger("streams.core.pump").debug("detail")
    assert [line["event"] for line in lines(stream)] == ["detail"]


def test_an_exception_stays_on_its_line(stream: io.StringIO) -> None:
    """A stack trace over many lines is many broken records to a collector."""
    try:
        int(f"https://me:{SECRET}@host/")
    except ValueError:
        structlog.get_logger("streams.core.pump").exception("stopped")
    (line,) = lines(stream)
    assert "'https://me:**********@host/'" in line["exception"]
    assert SECRET not in stream.getvalue()


def test_text_that_is_not_unicode_can_be_logged(stream: io.StringIO) -> None:
    """Producers send anything; a log line that raises would stop the worker on it."""
    structlog.get_logger("agents.ingest").warning("rejected", text="\ud800", raw=b"\xff", at=object)
    assert lines(stream)[0]["text"] == "\ud800"


def test_people_on_a_terminal_get_text() -> None:
    """JSON is for collectors."""
    terminal = Terminal()
    configure_logging(Log(), terminal)
    structlog.get_logger("cli").info("ready", port=9092)
    assert "ready" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    pipe = io.StringIO()
    configure_logging(Log(format="console"), pipe)
    structlog.get_logger("cli").info("ready")
    assert "\x1b" not in pipe.getvalue()


def test_configuring_twice_does_not_double_the_lines(stream: io.StringIO) -> None:
    """A command that calls another would log everything twice."""
    configure_logging(Log(), stream)
    structlog.get_logger("cli").info("once")
    assert len(lines(stream)) == 1


@pytest.mark.parametrize(
    "value",
    [
        {"password": SECRET},
        {"password": {"value": SECRET}},
        {"kafka": [{"sasl_plain_password": SECRET}]},
        f"sasl_plain_password='{SECRET}', more",
        f'{{"api_key": "{SECRET}"}}',
        f"Authorization: Bearer {SECRET}",
        f"headers: Bearer {SECRET}",
        f"Authorization: Basic {SECRET}",
        f"token={SECRET}&x=1",
        f"amqp://me:{SECRET}@host",
        SecretStr(SECRET),
    ],
)
def test_secrets_are_masked(stream: io.StringIO, value: object) -> None:
    """Logs are read by more people than secrets are meant for."""
    structlog.get_logger("cli").info("connecting", value=value)
    logging.getLogger("other").warning("connecting %s", mask(value))
    assert SECRET not in stream.getvalue()
    assert MASK in stream.getvalue()


@pytest.mark.property
@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_masking_twice_is_masking_once(text: str) -> None:
    """Masking what was masked must change nothing, or log lines would grow on the way."""
    once = mask(text)
    assert mask(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "Token: how crypto lost $3bn",
        "Basic Materials fall 3%",
        "Bearer instruments",
        "see https://example.com:80/a@b",
        "max_tokens=512",
    ],
)
def test_ordinary_news_is_not_masked(text: str) -> None:
    """A headline that mentions tokens must be found again in the log."""
    assert mask(text) == text


def test_importing_configures_nothing() -> None:
    """A library user who imports the package keeps his own logging."""
    code = "import logging, infra.logging; print(logging.getLogger().handlers)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert process.stdout.strip() == b"[]"


def test_counts_of_tokens_are_not_masked() -> None:
    """Token budgets steer the model's batches; they are no secret."""
    assert mask({"tokens": 512, "token_budget": 4096}) == {"tokens": 512, "token_budget": 4096}
