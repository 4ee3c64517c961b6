"""The profile that a command line names: one that is shipped, or a file of the user's."""

from pathlib import Path
from typing import NamedTuple

from infra.usage_error import UsageError
from schemas.incoming.profiles.profile import BadProfile, Profiles, parsed
from schemas.incoming.profiles.shipped import shipped


class Chosen(NamedTuple):
    """All profiles, and the name of the one that was chosen; empty for none."""

    profiles: Profiles
    name: str = ""


def choose(profile: str) -> Chosen:
    """Return the profile called ``profile``, or that in the file of that name, among all others.

    Raises:
        UsageError: There is none, or the file can't be used.
    """
    profiles = shipped()
    if not profile or profile in profiles.by_name:
        return Chosen(profiles, profile)
    if not profile.endswith(".toml"):
        names = ", ".join(sorted(profiles.by_name)) or "none"
        raise UsageError(
            f"--profile: there is none called {profile!r}; those that are shipped are {names}, "
            "and a file of your own ends with .toml"
        )
    try:
        own = parsed(profile, Path(profile).read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"--profile: {profile} can't be read: {error.strerror}") from None
    except (BadProfile, UnicodeDecodeError) as error:
        raise UsageError(f"--profile: {error}") from None
    name = Path(profile).stem
    return Chosen(Profiles({**profiles.by_name, name: own}), name)
