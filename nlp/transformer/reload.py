"""Whether the models that the settings name are still those that they were."""

from collections.abc import Iterator

from nlp.classifier import ModelMissing
from nlp.ensembles.spec import members
from nlp.settings import ModelSettings
from nlp.transformer.model_files import check, fingerprint, is_saved
from nlp.transformer.model_path import model_path

State = dict[str, str]
"""For each model that lies in a folder, by its name: where it is and what it answers by."""


def state(settings: ModelSettings) -> State:
    """Of the models in folders that newsquake trained; of the others there is nothing to follow."""
    folders = {name: model_path(name) for name in _names(settings)}
    return {
        name: f"{folder}@{fingerprint(folder)}"
        for name, folder in folders.items()
        if is_saved(folder)
    }


def moved_on(settings: ModelSettings, before: State) -> bool:
    """Whether another model is there now, and whole.

    Raises:
        ModelMissing: another is there, or none any more, that can't be used: better stay.
        OSError: a file went away while it was read.
    """
    if state(settings) == before:
        return False
    for name in before:
        check(model_path(name))
    return True


def _names(settings: ModelSettings) -> Iterator[str]:
    for named in (settings.model, settings.topics, settings.shadow):
        try:
            yield from (member.name for member in members(named) if named)
        except ModelMissing:
            continue  # loading it says what is wrong
