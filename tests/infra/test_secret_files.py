"""Secrets from files, as containers mount them."""

from pathlib import Path

import pytest

from infra.settings.model import SettingsError, load, show
from infra.settings.secret_files import MAX_SECRET_BYTES

SECRET = "canary-of-a-file"  # noqa: S105 - what must not be seen


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A mounted secret, with the line end that editors leave."""
    path = tmp_path / "password"
    path.write_text(f"{SECRET}\n")
    return path


def problems(environ: dict[str, str], config: Path | None = None) -> str:
    """Return the problems of these settings."""
    with pytest.raises(SettingsError) as caught:
        load(config, environ)
    return str(caught.value)


def test_a_secret_is_read_from_the_file_that_a_variable_names(file: Path) -> None:
    """The password would stand in the environment, which anyone who describes the pod can read."""
    settings = load(None, {"NEWSQUAKE_KAFKA__PASSWORD_FILE": str(file)})
    assert settings.kafka.password.get_secret_value() == SECRET
    shown = {setting.name: setting for setting in show(settings)}["kafka.password"]
    assert (shown.value, str(file) in shown.origin) == ("**********", True)


def test_a_secret_is_read_from_the_file_that_a_key_names(file: Path, tmp_path: Path) -> None:
    """A configuration that is committed would have to hold the token itself."""
    config = tmp_path / "my.toml"
    config.write_text(f'[serve]\ntoken_file = "{file}"\n')
    assert load(config, {}).serve.token.get_secret_value() == SECRET


def test_two_sources_of_one_secret_are_refused(file: Path, tmp_path: Path) -> None:
    """After a rotation nobody would know which of the two passwords is used."""
    both = {"NEWSQUAKE_KAFKA__PASSWORD": "x", "NEWSQUAKE_KAFKA__PASSWORD_FILE": str(file)}
    assert "set one" in problems(both)
    config = tmp_path / "my.toml"
    config.write_text(f'[kafka]\npassword = "x"\npassword_file = "{file}"\n')
    assert "kafka.password is set too" in problems({}, config)


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe", b"x" * (MAX_SECRET_BYTES + 1)])
def test_a_file_that_holds_no_secret_is_named_and_not_quoted(
    tmp_path: Path, content: bytes
) -> None:
    """An empty mount would log in without a password, or a key file end up in a ticket."""
    path = tmp_path / "token"
    path.write_bytes(content)
    line = problems({"NEWSQUAKE_SERVE__TOKEN_FILE": str(path)})
    assert line.startswith("NEWSQUAKE_SERVE__TOKEN_FILE: ")
    assert len(line) < 300


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """A forgotten mount would be a wrong password to whoever reads the log."""
    line = problems({"NEWSQUAKE_SERVE__TOKEN_FILE": str(tmp_path / "no")})
    assert line.endswith("can't be read: No such file or directory")


def test_only_secrets_have_files() -> None:
    """A misspelt name would be taken for a file, and the default be used without a word."""
    assert "no such setting" in problems({"NEWSQUAKE_KAFKA__PREFIX_FILE": "/x"})
