"""Libraries that only some models need. Each is imported when such a model is loaded, or never."""

from importlib import import_module
from types import ModuleType

from nlp.classifier import ModelMissing


def require(name: str) -> ModuleType:
    """Import the library ``name``.

    Raises:
        ModelMissing: the library is not installed; the message says what to install.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ModelMissing(
            f"this model needs {name}: install newsquake[transformers], or choose nlp.model=lexicon"
        ) from error
