"""Routes in the settings, their secrets, and the command that tries them."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agents.notifying.routes import NotifySettings
from cli.main import app
from infra.notifying.courier import make_courier
from infra.notifying.secrets import with_secrets
from infra.settings.model import SettingsError, load, show
from streams.core.errors import Misconfigured
from tests.infra.notifying.failing_server import FailingServer, answer, failing_server

SECRET = "hunter2"  # noqa: S105 - what must not be seen
ROUTES = f"""
[notify]
page = "https://pages.example/{{id}}"

[notify.routes.desk]
to = "webhook"
url = "https://desk.example/{SECRET}"
secret = "{SECRET}"
repeat = "4h"

[notify.routes.pager]
to = "pagerduty"
secret = "{SECRET}"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file with routes."""
    path = tmp_path / "newsquake.toml"
    path.write_text(ROUTES)
    return path


def test_routes_are_shown_without_their_secrets(file: Path) -> None:
    """The output of `config show` ends up in tickets, and an address is a secret too."""
    settings = load(file, {})
    assert settings.notify.routes["desk"].secret.get_secret_value() == SECRET
    shown = {setting.name: setting.value for setting in show(settings)}
    assert "desk" in shown["notify.routes"]
    assert "webhook" in shown["notify.routes"]
    assert SECRET not in repr(settings) + str(show(settings))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ('severity = "grave"', "desk.webhook.severity"),
        (f'secret = ["{SECRET}"]', "desk.webhook.secret"),
        (f'url = "gopher://{SECRET}"', "desk.webhook"),
        ("unknown = 1", "desk.webhook.unknown"),
    ],
)
def test_a_wrong_route_is_named_without_its_secrets(file: Path, wrong: str, named: str) -> None:
    """An operator would search five routes for the mistake, or find a password in the log."""
    name = wrong.partition(" ")[0]
    kept = [line for line in ROUTES.splitlines() if not line.startswith(name + " ")]
    index = kept.index("[notify.routes.desk]") + 1
    file.write_text("\n".join([*kept[:index], wrong, *kept[index:]]))
    with pytest.raises(SettingsError) as caught:
        load(file, {})
    (line,) = [line for line in caught.value.problems if "desk" in line]
    assert line.startswith(f"{file}: notify.routes: {named}")
    assert SECRET not in str(caught.value)


def test_secrets_come_from_files(tmp_path: Path, file: Path) -> None:
    """A secret in a file of settings would be in the repository of the deployment."""
    (tmp_path / "address").write_text(f"https://desk.example/{SECRET}\n")
    file.write_text(f'[notify.routes.desk]\nto = "slack"\nurl_file = "{tmp_path / "address"}"\n')
    settings = with_secrets(load(file, {}).notify)
    route = settings.routes["desk"]
    assert SECRET not in repr(settings)
    assert route.to == "slack"
    assert route.url.get_secret_value() == f"https://desk.example/{SECRET}"


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"file:///etc/passwd"])
def test_a_file_that_holds_no_secret_is_named(
    tmp_path: Path, file: Path, content: bytes | None
) -> None:
    """A worker would start, and fail at the first alert."""
    if content is not None:
        (tmp_path / "address").write_bytes(content)
    file.write_text(f'[notify.routes.desk]\nto = "slack"\nurl_file = "{tmp_path / "address"}"\n')
    with pytest.raises(Misconfigured, match=r"notify\.routes\.desk\.url_file"):
        with_secrets(load(file, {}).notify)


def test_a_worker_does_not_tell_nobody() -> None:
    """Alerts would be read and passed over because a file of settings was not found."""
    with pytest.raises(Misconfigured, match=r"notify\.routes"):
        make_courier(NotifySettings(), "1")


@contextmanager
def serving(reply: bytes) -> Iterator[FailingServer]:
    """Run a server in a thread of its own, since the command has a loop of its own."""
    started, stop = threading.Event(), threading.Event()
    servers: list[FailingServer] = []

    async def serve() -> None:
        async with failing_server(reply) as server:
            servers.append(server)
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    started.wait(5)
    try:
        yield servers[0]
    finally:
        stop.set()
        thread.join()


def try_route(file: Path, url: str, name: str = "desk") -> Result:
    """Run ``newsquake notify test``."""
    route = f'to = "webhook"\nurl = "{url}"\nallow_private = true\n'
    file.write_text(f"[notify.routes.desk]\n{route}")
    return CliRunner().invoke(app, ["--config", str(file), "notify", "test", name])


def test_the_command_tries_a_route(file: Path) -> None:
    """An operator would learn from the first real alert that a route leads nowhere."""
    with serving(answer("200 OK")) as server:
        result = try_route(file, server.url)
    assert (result.exit_code, result.stdout) == (0, "desk: delivered\n")
    assert b"This is a test of a route" in server.requests[0][1]


def test_the_command_says_why_a_route_fails(file: Path) -> None:
    """An operator would see a number, and not what to change."""
    with serving(answer("403 Forbidden", "invalid_token")) as server:
        result = try_route(file, server.url)
    assert result.exit_code == 1
    assert "would not be tried again: status 403: invalid_token" in result.stderr
    assert "t0ps3cret" not in result.output


def test_the_command_names_the_routes_that_there_are(file: Path) -> None:
    """A misspelt route would look like one that works."""
    result = try_route(file, "https://desk.example", name="dekc")
    assert result.exit_code == 2
    assert "there is no route dekc; the settings have: desk" in result.stderr
