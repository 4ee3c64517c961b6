"""The folder for files that can be downloaded or computed again."""

from collections.abc import Mapping
from pathlib import Path


def user_cache_dir(environ: Mapping[str, str]) -> Path:
    """Return the user's cache directory for Newsquake (XDG Base Directory Specification).

    A relative ``XDG_CACHE_HOME`` is ignored, as the specification demands.
    """
    cache_home = Path(environ.get("XDG_CACHE_HOME", ""))
    return (cache_home if cache_home.is_absolute() else Path.home() / ".cache") / "newsquake"
