"""Where a saved model is, whichever way it is named."""

from pathlib import Path

from nlp.classifier import ModelMissing
from nlp.transformer.model_files import is_saved

_LONGEST_POINTER = 200


def model_path(name: str | Path) -> Path:
    """The folder that ``name`` leads to now: through links, or a file that names a sibling.

    What it leads to may change, as `newsquake adapt` promotes models; so it is asked once, and all
    files are read from the answer.
    """
    path = Path(name)
    if path.is_file() and path.stat().st_size <= _LONGEST_POINTER:
        path = path.with_name(path.read_text("utf-8", "replace").strip() or path.name)
    return path.resolve() if path.is_dir() else path


def saved_folder(name: str | Path) -> Path:
    """The folder of the model that newsquake trained and ``name`` names: shipped, or a path.

    Raises:
        ModelMissing: there is no such model there.
    """
    from nlp.transformer.transformer import SHIPPED  # noqa: PLC0415 - so that following needs nothing of it

    folder = SHIPPED if str(name) == "shipped" else model_path(name)
    if not is_saved(folder):
        raise ModelMissing(f"{name} is no model that newsquake trained: it needs a newsquake.json")
    return folder
