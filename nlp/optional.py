"""Libraries that only some models need. Each is imported when such a model is loaded, or never."""

from importlib import import_module
from types import ModuleType
from typing import Final

from nlp.classifier import ModelMissing

_EXTRAS: Final = {
    "openvino": "cpu",
    "safetensors": "cpu",
    "tokenizers": "cpu",
    "captum": "explain",
    "matplotlib": "training",
    "peft": "training",
    "scipy": "training",
    "sklearn": "training",
}
"""The extra that brings a library; any other library comes with ``gpu``."""


def require(name: str, *, by: str = "") -> ModuleType:
    """Import the library ``name``, or a module of it; ``by``: the module here that imports it.

    Raises:
        ModelMissing: the library is not installed; the message says what to install.
    """
    library = name.partition(".")[0]
    try:
        return import_module(by or name)
    except ImportError as error:
        extra = _EXTRAS.get(library, "gpu")
        remedy = f"install newsquake[{extra}]"
        if extra in {"cpu", "gpu"}:
            remedy += ", or choose nlp.model=lexicon"
        raise ModelMissing(f"{library} is missing: {remedy}") from error
