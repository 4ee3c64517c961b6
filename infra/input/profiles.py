"""The profile that a command line names: one of the settings' profiles, or a file of the user's."""

from pathlib import Path
from typing import NamedTuple

from infra.usage_error import UsageError
from schemas.incoming.profiles.profile import BadProfile, Profile, Profiles, parsed


class Chosen(NamedTuple):
    """The profile that a command reads with.

    Attributes:
        profiles: All profiles.
        name: The name of the one that the command line names; empty if it names none.
        profile: The one that all items are read with; None if each is recognised by its fields.
        is_foreign: True for a file that the workers of these settings do not have.
    """

    profiles: Profiles
    name: str = ""
    profile: Profile | None = None
    is_foreign: bool = False


def choose(profile: str, profiles: Profiles, topic: str) -> Chosen:
    """Return the profile called ``profile``, or that in the file of that name, among all others.

    Without a name it is that of ``topic``, if that has one.

    Raises:
        UsageError: There is none, or the file can't be used.
    """
    name = profile or profiles.topics.get(topic, "")
    if not name or name in profiles.by_name:
        return Chosen(profiles, profile, profiles.by_name.get(name))
    if not profile.endswith(".toml"):
        names = ", ".join(sorted(profiles.by_name)) or "none"
        raise UsageError(
            f"--profile: there is none called {profile!r}; the names are {names}, "
            "and a file of your own ends with .toml"
        )
    try:
        own = parsed(profile, Path(profile).read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"--profile: {profile} can't be read: {error.strerror}") from None
    except (BadProfile, UnicodeDecodeError) as error:
        raise UsageError(f"--profile: {error}") from None
    name = Path(profile).stem
    is_foreign = profiles.by_name.get(name) != own
    all_profiles = Profiles({**profiles.by_name, name: own}, profiles.topics)
    return Chosen(all_profiles, name, own, is_foreign)
