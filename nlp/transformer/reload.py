"""Find out whether the models that the settings name were replaced."""

from nlp.classifier import ModelMissing
from nlp.ensembles.spec import parse_members
from nlp.settings import ModelSettings
from nlp.transformer.model_files import check, fingerprint, is_saved
from nlp.transformer.model_path import model_path

State = dict[str, str]
"""The folder and the fingerprint of each saved model, by the name in the settings."""


def state(settings: ModelSettings) -> State:
    """Read the state of the models that newsquake trained. Other models are never replaced."""
    names: list[str] = []
    for spec in filter(None, (settings.model, settings.topics, settings.shadow)):
        try:
            names += [member.name for member in parse_members(spec)]
        except ModelMissing:
            continue  # loading the model reports what is wrong
    folders = {name: model_path(name) for name in names}
    return {
        name: f"{folder}@{fingerprint(folder)}"
        for name, folder in folders.items()
        if is_saved(folder)
    }


def moved_on(settings: ModelSettings, before: State) -> bool:
    """Return whether another model is there now, and all its files are whole.

    Raises:
        ModelMissing: another model is there that can't be used, or none any more: keep the old.
        OSError: a file went away while it was read.
    """
    if state(settings) == before:
        return False
    for name in before:
        check(model_path(name))
    return True
