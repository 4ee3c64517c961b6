"""The folder of a saved model, for each way to name it."""

from pathlib import Path
from typing import Final

from nlp.classifier import ModelMissing
from nlp.transformer.model_files import is_saved

_NLP: Final = Path(__file__).parents[1]
SHIPPED: Final = _NLP / "shipped"
"""The folder of the model that comes with newsquake."""
LARGE: Final = _NLP / "large"
"""The folder of the large model, whose encoder is in packages of its own."""
PARTS_OF_NEWSQUAKE: Final = {"shipped": SHIPPED, "large": LARGE}
"""The saved models that a name stands for."""
_MAX_POINTER_BYTES: Final = 200
"""Size of a file that names a folder beside it; a larger file is something else."""


def model_path(name: str | Path) -> Path:
    """Return the folder that ``name`` leads to now: through links, or a file that names a sibling.

    The answer may change, because `newsquake adapt` promotes models. So a reader asks once, and
    reads all files from the answer.
    """
    path = Path(name)
    if path.is_file() and path.stat().st_size <= _MAX_POINTER_BYTES:
        path = path.with_name(path.read_text("utf-8", "replace").strip() or path.name)
    return path.resolve() if path.is_dir() else path


def saved_folder(name: str | Path) -> Path:
    """Return the folder of a model that newsquake trained. ``name`` is shipped, large, or a path.

    Raises:
        ModelMissing: there is no such model there.
    """
    folder = PARTS_OF_NEWSQUAKE.get(str(name)) or model_path(name)
    if not is_saved(folder):
        raise ModelMissing(f"{name} is no model that newsquake trained: it needs a newsquake.json")
    return folder
