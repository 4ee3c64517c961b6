"""Secrets in files, as Docker and Kubernetes mount them.

Each secret setting has a second name that ends with ``_file``: ``kafka.password_file`` and
``NEWSQUAKE_KAFKA__PASSWORD_FILE`` name a file that holds the password. A variable can be read by
whoever may look at the process or describe the container; a file only by who may read it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.settings.schema import Setting, SettingPath

SUFFIX: Final = "_file"
MAX_SECRET_BYTES: Final = 8_192
"""Bytes of a file with a secret; a larger one was named by mistake."""


class BadSecretFile(Exception):
    """A file with a secret can't be used. The text says why, and quotes nothing of it."""


def settings_with_files(settable: Mapping[SettingPath, Setting]) -> dict[SettingPath, Setting]:
    """Return the secret settings, by the path of the setting that names their file."""
    return {
        (*path[:-1], path[-1] + SUFFIX): setting
        for path, setting in settable.items()
        if setting.is_secret and not setting.is_collection
    }


def read_secret(file: Path) -> str:
    """Return the secret in ``file``, without white space around it.

    Raises:
        BadSecretFile: It can't be read, is empty, too large or no text.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_SECRET_BYTES + 1)
        secret = content.decode().strip()
    except OSError as error:
        raise BadSecretFile(f"{file} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadSecretFile(f"{file} is not UTF-8") from None
    if len(content) > MAX_SECRET_BYTES:
        raise BadSecretFile(f"{file} has more than {MAX_SECRET_BYTES} bytes: it holds no secret")
    if not secret:
        raise BadSecretFile(f"{file} is empty")
    return secret
