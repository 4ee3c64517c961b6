"""The model that ``auto`` stands for: the large one where a graphics card runs it, else shipped."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Final, NamedTuple

from nlp.classifier import ModelMissing
from nlp.ensembles.spec import parse_members
from nlp.inference import runtimes
from nlp.settings import ModelSettings
from nlp.transformer import large_encoder

AUTO: Final = "auto"


class Choice(NamedTuple):
    """The model that stands for ``auto`` on this machine, and why.

    Attributes:
        model: ``shipped`` or ``large``.
        reason: what decided, for people.
    """

    model: str
    reason: str


def choose(settings: ModelSettings) -> Choice:
    """Return the model that stands for ``auto``. PyTorch is imported only where it will be used.

    Raises:
        ModelMissing: this machine does not have the device that the settings ask for.
    """
    if settings.device == "cpu":
        return Choice("shipped", "nlp.device=cpu")
    if not runtimes.has_card():
        return Choice("shipped", "no graphics card was found")
    if not (runtimes.needs_torch(settings) and find_spec("torch")):
        return Choice("shipped", "PyTorch, which would use the graphics card, is not used here")
    if not large_encoder.is_here():
        return Choice("shipped", "the large model needs the extra large, which is not installed")
    from nlp.inference.torch_runtime import choose_device

    device = choose_device(settings.device)
    if device == "cpu":
        return Choice("shipped", "PyTorch finds no graphics card")
    return Choice("large", f"there is a graphics card, {device}")


def choice_of(settings: ModelSettings) -> Choice | None:
    """Return the choice that `nlp.load.load` makes for these settings; None if it makes none.

    Raises:
        ModelMissing: as `choose` does.
    """
    return choose(settings) if AUTO in _names(settings) else None


def _names(settings: ModelSettings) -> Iterator[str]:
    specs = (settings.model, settings.topics, settings.shadow, *settings.languages.values())
    for spec in filter(None, specs):
        try:
            yield from (member.name for member in parse_members(spec))
        except ModelMissing:
            continue  # loading the model reports what is wrong
