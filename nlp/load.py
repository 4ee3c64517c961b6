"""From settings to a model. Heavy libraries are imported here, when asked for, or never."""

from collections.abc import Mapping
from typing import TypeVar

from nlp import plugins
from nlp.classifier import Classifier, ModelMissing
from nlp.ensembles.spec import Member, members
from nlp.settings import ModelSettings
from nlp.tasks import Task
from nlp.transformer.model_files import is_saved
from nlp.transformer.model_path import model_path

V = TypeVar("V", bound=str)


def load(settings: ModelSettings) -> Classifier:
    """The classifier that the settings name. Blocks for seconds where it is a transformer.

    Raises:
        ModelMissing: there is no such model here, its library is not installed, its labels say
            nothing, or it is damaged.
    """
    first = _with_topics(settings)
    if not settings.shadow:
        return first
    from nlp.ensembles.shadow import Shadow  # noqa: PLC0415

    return Shadow(first, _named(settings, settings.shadow, "sentiment"))


def _with_topics(settings: ModelSettings) -> Classifier:
    model = _named(settings, settings.model, "sentiment")
    if settings.topics in {"", settings.model}:
        return model
    from nlp.ensembles.split_tasks import SplitTasks  # noqa: PLC0415

    return SplitTasks(model, _named(settings, settings.topics, "topic"))


def _named(settings: ModelSettings, named: str, task: Task) -> Classifier:
    found = members(named)
    if len(found) == 1:
        return _one(_for(found[0], settings), task)
    from nlp.ensembles.ensemble import Ensemble, Weighted  # noqa: PLC0415

    return Ensemble([Weighted(_one(_for(it, settings), task), it.weight) for it in found])


def _one(settings: ModelSettings, task: Task) -> Classifier:
    """The one model that ``settings.model`` names."""
    built_in = _built_in(settings, task)
    if built_in is not None:
        return built_in
    if settings.model in plugins.names():
        return plugins.load(settings)
    folder = model_path(settings.model)
    if is_saved(folder):
        from nlp.transformer.transformer import Transformer  # noqa: PLC0415

        return Transformer(folder, settings)
    from nlp.checkpoints.checkpoint import Checkpoint, TopicCheckpoint  # noqa: PLC0415

    return TopicCheckpoint(settings) if task == "topic" else Checkpoint(settings)


def _built_in(settings: ModelSettings, task: Task) -> Classifier | None:
    if settings.model == "null":
        from nlp.null import NullClassifier  # noqa: PLC0415

        return NullClassifier()
    if settings.model == "lexicon":
        from nlp.lexicon.lexicon import Lexicon  # noqa: PLC0415

        return Lexicon()
    if settings.model == "shipped":
        from nlp.transformer.transformer import shipped  # noqa: PLC0415

        return shipped(settings)
    return _zero_shot(settings, task) if settings.model == "zero-shot" else None


def _zero_shot(settings: ModelSettings, task: Task) -> Classifier:
    if task != "topic":
        raise ModelMissing("zero-shot knows topics only: name it in nlp.topics, not as the model")
    from nlp.transformer.zero_shot import ZeroShot  # noqa: PLC0415

    return ZeroShot(settings)


def _for(member: Member, settings: ModelSettings) -> ModelSettings:
    """The settings for one model of several: its name, and the labels that are meant for it."""
    named = (settings.model, settings.topics, settings.shadow)
    others = {it.name for text in named if text for it in members(text)} - {member.name}
    return settings.model_copy(
        update={
            "model": member.name,
            "labels": _own(settings.labels, member.name, others),
            "topic_labels": _own(settings.topic_labels, member.name, others),
        }
    )


def _own(labels: Mapping[str, V], name: str, others: set[str]) -> dict[str, V]:
    prefix = f"{name}:"
    foreign = tuple(f"{other}:" for other in others)
    kept = {label: it for label, it in labels.items() if not label.startswith(foreign)}
    return {label.removeprefix(prefix): it for label, it in kept.items()}
