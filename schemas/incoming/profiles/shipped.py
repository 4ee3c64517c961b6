"""The profiles that come with Newsquake: `schemas/sources/*.toml`."""

from functools import cache
from importlib.resources import files

from schemas.incoming.profiles.profile import Profiles, parsed


@cache
def shipped() -> Profiles:
    """Return the profiles that come with Newsquake, by the names of their files."""
    folder = files("schemas.sources")
    return Profiles(
        {
            entry.name.removesuffix(".toml"): parsed(entry.name, entry.read_text("utf-8"))
            for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
            if entry.name.endswith(".toml")
        }
    )
