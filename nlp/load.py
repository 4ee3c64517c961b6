"""Load the model that the settings name.

Heavy libraries are imported inside the functions, only when a model needs them.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from nlp import plugins
from nlp.classifier import Classifier, ModelMissing
from nlp.ensembles.spec import Member, parse_members
from nlp.languages.tags import ANY
from nlp.optional import require
from nlp.settings import ModelSettings
from nlp.tasks import TASKS, Task
from nlp.transformer.model_files import is_saved, trained_tasks
from nlp.transformer.model_path import PARTS_OF_NEWSQUAKE, SHIPPED, model_path, require_large

_BUILT_IN: Final = frozenset({"null", "lexicon", "lexicon-zh", *PARTS_OF_NEWSQUAKE, "zero-shot"})

Meaning = TypeVar("Meaning", bound=str)


def load(
    settings: ModelSettings, wrap: Callable[[Classifier], Classifier] = lambda model: model
) -> Classifier:
    """Load the classifier that the settings name. Blocks for seconds if it is a transformer.

    Args:
        settings: Name the model of the usual language, and those of further ones.
        wrap: Makes another classifier of each language's model, such as one with a cache.

    Raises:
        ModelMissing: there is no such model here, its library is not installed, its labels have
            no meaning, or it is damaged.
    """
    first = wrap(_load_usual(settings))
    if settings.language == ANY or settings.model == "null":
        return first
    from nlp.languages.router import LanguageRouter

    models: dict[str, Classifier | None] = {"": None, settings.model: first}
    for tag, spec in settings.languages.items():
        if spec not in models:
            try:
                models[spec] = wrap(_load_members(settings, spec, "sentiment"))
            except ModelMissing as error:
                raise ModelMissing(f"nlp.languages.{tag} can't be used: {error}") from error
    others = {tag: models[spec] for tag, spec in settings.languages.items()}
    return LanguageRouter(first, settings.language, others)


def load_fallback(settings: ModelSettings, name: str) -> Classifier | None:
    """Load the model that stands in for the usual one; None if ``name`` is empty.

    Raises:
        ModelMissing: as `load` does.
    """
    only = {"model": name, "topics": "", "shadow": ""}
    return load(settings.model_copy(update=only)) if name else None


def _load_usual(settings: ModelSettings) -> Classifier:
    """Load the model of the usual language: of sentiment, of topics, and in the shadow."""
    model = _load_members(settings, settings.model, "sentiment")
    if settings.topics not in {"", settings.model}:
        from nlp.ensembles.split_tasks import SplitTasks

        model = SplitTasks(model, _load_members(settings, settings.topics, "topic"))
    if settings.shadow:
        from nlp.ensembles.shadow import Shadow

        model = Shadow(model, _load_members(settings, settings.shadow, "sentiment"))
    return model


def missing_tasks(settings: ModelSettings) -> list[str]:
    """Return a sentence for each task that the model can't do, with the remedy; usually none.

    Raises:
        ModelMissing: a model's name or its files can't be read.
    """
    sentences: list[str] = []
    for member in parse_members(settings.model):
        tasks = _tasks_of(member.name)
        if "sentiment" not in tasks:
            sentences.append(
                f"model {member.name} was trained without sentiments, so that every text is "
                f"neutral and nothing alerts: set nlp.model=shipped and nlp.topics={member.name}"
            )
        if "topic" not in tasks and settings.topics in {"", settings.model}:
            sentences.append(
                f"model {member.name} was trained without topics and gives none: "
                "nlp.topics=shipped gives those of the shipped model"
            )
    sentences += [
        f"model {member.name}, which nlp.languages names for {tag}, was trained without {task}s"
        for tag, spec in settings.languages.items()
        if spec
        for member in parse_members(spec)
        for task in TASKS
        if task not in _tasks_of(member.name)
    ]
    return sentences


def _tasks_of(name: str) -> tuple[Task, ...]:
    """Return the tasks of a model: those that it was trained on, if newsquake trained it."""
    folder = model_path(name)
    is_folder = name not in _BUILT_IN and name not in plugins.names() and is_saved(folder)
    return trained_tasks(folder) if is_folder else TASKS


def _load_members(settings: ModelSettings, spec: str, task: Task) -> Classifier:
    """Load the model that ``spec`` names, or several as an ensemble."""
    members = parse_members(spec)
    for member in members if task == "topic" or len(members) > 1 else []:
        if task not in _tasks_of(member.name):
            raise ModelMissing(
                f"model {member.name} was trained without {task}s: train it with rows of them, or "
                "name another model"
            )
    if len(members) == 1:
        return _load_one(_settings_of(members[0], settings), task)
    from nlp.ensembles.ensemble import Ensemble, Weighted

    return Ensemble(
        [
            Weighted(_load_one(_settings_of(member, settings), task), member.weight)
            for member in members
        ]
    )


def _load_one(settings: ModelSettings, task: Task) -> Classifier:
    """Load the one model that ``settings.model`` names: built in, a plug-in, or in a folder."""
    if settings.model in _BUILT_IN:
        return _load_built_in(settings, task)
    if settings.model in plugins.names():
        return plugins.load(settings)
    folder = model_path(settings.model)
    if is_saved(folder):
        from nlp.transformer.transformer import load_transformer

        return load_transformer(folder, settings)
    from nlp.checkpoints.checkpoint import Checkpoint, TopicCheckpoint

    return TopicCheckpoint(settings) if task == "topic" else Checkpoint(settings)


def _load_built_in(settings: ModelSettings, task: Task) -> Classifier:
    if settings.model == "null":
        from nlp.null import NullClassifier

        return NullClassifier()
    if settings.model == "lexicon":
        from nlp.lexicon.lexicon import Lexicon

        return Lexicon()
    if settings.model == "lexicon-zh":
        from nlp.lexicon.chinese import ChineseLexicon

        return ChineseLexicon()
    if settings.model in PARTS_OF_NEWSQUAKE:
        return _load_part_of_newsquake(settings)
    if task != "topic":
        raise ModelMissing("zero-shot knows topics only: name it in nlp.topics, not as the model")
    require("torch")
    from nlp.transformer.zero_shot import ZeroShot

    return ZeroShot(settings)


def _load_part_of_newsquake(settings: ModelSettings) -> Classifier:
    # Which of them is the default on a graphics card is decided here, once the large one is there.
    if settings.model == "large":
        require_large()
    elif not SHIPPED.is_dir():
        raise ModelMissing(f"{SHIPPED} is missing: install newsquake again")
    from nlp.transformer.transformer import load_transformer

    return load_transformer(PARTS_OF_NEWSQUAKE[settings.model], settings)


def _settings_of(member: Member, settings: ModelSettings) -> ModelSettings:
    """Return the settings of one model: its name, and the labels that are meant for it."""
    specs = (settings.model, settings.topics, settings.shadow, *settings.languages.values())
    names = {other.name for spec in specs if spec for other in parse_members(spec)}
    others = names - {member.name}
    return settings.model_copy(
        update={
            "model": member.name,
            "labels": _labels_of(member.name, settings.labels, others),
            "topic_labels": _labels_of(member.name, settings.topic_labels, others),
        }
    )


def _labels_of(name: str, labels: Mapping[str, Meaning], others: set[str]) -> dict[str, Meaning]:
    """Drop the labels of the models ``others``, and the prefix ``name:`` of this model's labels."""
    foreign = tuple(f"{other}:" for other in others)
    return {
        label.removeprefix(f"{name}:"): meaning
        for label, meaning in labels.items()
        if not label.startswith(foreign)
    }
