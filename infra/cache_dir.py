"""Where things that can be fetched again are kept."""

from collections.abc import Mapping
from pathlib import Path


def user_cache_dir(environ: Mapping[str, str]) -> Path:
    """The user's cache directory for this program, as the XDG base directory specification says.

    A relative ``XDG_CACHE_HOME`` is ignored, as that specification asks.
    """
    named = Path(environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "newsquake"
