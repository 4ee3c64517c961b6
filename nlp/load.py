"""From settings to a model. Heavy libraries are imported here, when asked for, or never."""

from nlp.choice import Nlp
from nlp.classifier import Classifier


def load(settings: Nlp) -> Classifier:
    """The classifier that the settings name. Blocks for seconds where it is a checkpoint.

    Raises:
        ModelMissing: there is no such model here, or its library is not installed.
    """
    if settings.model == "null":
        from nlp.null import Null  # noqa: PLC0415

        return Null()
    if settings.model == "lexicon":
        from nlp.lexicon import Lexicon  # noqa: PLC0415

        return Lexicon()
    from nlp.checkpoint import Checkpoint  # noqa: PLC0415

    return Checkpoint(settings)
