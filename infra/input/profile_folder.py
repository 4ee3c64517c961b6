"""Profiles of the user's own, beside those that are shipped."""

from pathlib import Path
from typing import TYPE_CHECKING

from infra.usage_error import UsageError
from schemas.channels import RAW
from schemas.incoming.profiles.profile import BadProfile, Profiles, parsed
from schemas.incoming.profiles.shipped import shipped
from schemas.incoming.reading import Door

if TYPE_CHECKING:
    from infra.settings.model import Settings


def door_of(settings: "Settings") -> Door:
    """Return how a worker of these settings reads `news.raw`.

    Raises:
        UsageError: as `profiles_of`.
    """
    topic = settings.kafka.topic(RAW.topic)
    max_ahead = settings.detect.max_ahead
    return Door(profiles_of(settings), topic, settings.ingest.max_bytes, max_ahead)


def profiles_of(settings: "Settings") -> Profiles:
    """Return the profiles with which a worker of these settings reads `news.raw`.

    Raises:
        UsageError: the folder or a file can't be read, a profile is wrong, or none has the name.
    """
    ingest = settings.ingest
    return load_profiles(ingest.profiles, ingest.profile, settings.kafka.topic(RAW.topic))


def load_profiles(folder: Path | None, default: str = "", topic: str = "") -> Profiles:
    """Return the shipped profiles and those of ``folder``; ``default`` is that of ``topic``.

    Raises:
        UsageError: the folder or a file can't be read, a profile is wrong, or none has the name.
    """
    by_name = dict(shipped().by_name)
    try:
        files = sorted(folder.iterdir()) if folder else []
        for file in files:
            if file.suffix == ".toml":
                by_name[file.stem] = parsed(str(file), file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"ingest.profiles {folder}: can't be read: {error}") from None
    except BadProfile as error:
        raise UsageError(f"ingest.profiles: {error}") from None
    if default and default not in by_name:
        names = ", ".join(sorted(by_name))
        raise UsageError(f"ingest.profile: there is no profile {default!r}; the names are {names}")
    return Profiles(by_name, {topic: default} if default else {})
