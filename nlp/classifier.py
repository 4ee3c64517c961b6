"""The protocol of a model, and the exceptions that it raises.

Exception
├── ModelError          one or more texts of the batch cannot be scored: bisect the batch
│   ├── Unclassifiable  the model's answer for a text is not a distribution
│   └── OutOfMemory     a single text does not fit the device, however small the batch
├── ModelBusy           the model cannot answer now: ask again later with the same texts
├── DeviceLost          the device fails until the process ends: a new process may use it again
└── ModelMissing        the model cannot be loaded: no text will ever succeed, end the process
    └── LabelsUnknown   the checkpoint does not say which class is negative
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol, runtime_checkable

UNREAD: Final = "unread"
"""The id that stands where a model's would, for a text that no model reads."""
MAX_SEVERITY: Final = 3.0
"""The severity of grave news: docs/labelling.md has the scale."""


class ModelError(Exception):
    """A batch could not be scored; a smaller one may be. A text that fails alone is set aside."""


class Unclassifiable(ModelError):
    """The model's answer for a text is not a probability distribution (NaN, wrong shape)."""


class OutOfMemory(ModelError):
    """The device ran out of memory on a single text, so that halving the batch does not help."""


class ModelBusy(Exception):
    """The model cannot answer now, and no text is at fault: the caller asks again later."""


class DeviceLost(Exception):
    """The device answers nothing more in this process, whatever it is asked: it must end."""


class ModelMissing(Exception):
    """The model or a library that it needs is missing or damaged: the process must end."""


class LabelsUnknown(ModelMissing):
    """The checkpoint's labels are not sentiments, and the settings do not say what they mean."""


class Scores(NamedTuple):
    """The scores of one text.

    Attributes:
        negative: probability of negative sentiment; the three probabilities sum to 1.
        neutral: probability of neutral sentiment.
        positive: probability of positive sentiment.
        topics: a score from 0 to 1 for each topic that the model knows, often none.
        about: topics that the text carries, if the model has a threshold for each topic. If it is
            empty, `nlp.tasks.carried_topics` decides by the scores.
        shadow: scores of a second model, for comparison only.
        reader: the model that gave the scores, if the text is in another language than the usual
            one.
        severity: expected severity of what the text says, 0 (nothing bad) to 3 (grave); None if
            the model does not say.
    """

    negative: float
    neutral: float
    positive: float
    topics: Mapping[str, float]
    about: tuple[str, ...] = ()
    shadow: "ShadowScores | None" = None
    reader: "Reader | None" = None
    severity: float | None = None

    @property
    def is_unread(self) -> bool:
        """Return whether no model reads the text's language, so that the scores say nothing."""
        return self.reader is not None and self.reader.model == UNREAD


class Reader(NamedTuple):
    """The model that read a text in another language than the usual one.

    Attributes:
        language: the language's tag (BCP 47), such as ``zh``.
        model: the model's id, or `UNREAD`.
    """

    language: str
    model: str


class ShadowScores(NamedTuple):
    """The scores of a second model that runs beside the first. See `Scores` for the fields.

    Attributes:
        model: the model's id.
    """

    model: str
    negative: float
    neutral: float
    positive: float
    topics: Mapping[str, float]
    about: tuple[str, ...] = ()


class Question(NamedTuple):
    """A text, and a company that it is asked about.

    Attributes:
        text: of an article.
        subject: the company, as the text names it.
    """

    text: str
    subject: str


class Classifier(Protocol):
    """A sentiment and topic model.

    ``classify`` is synchronous and may take long: callers run it in a thread. One instance is
    called by one thread at a time.
    """

    @property
    def model_id(self) -> str:
        """Name the model and its version, so that scores of two models are never confused."""
        ...

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text, in order.

        A text's scores do not depend on its neighbours beyond rounding (1e-4). Empty and
        overlong texts are scored too; the latter are truncated.

        Raises:
            ModelError: the batch cannot be scored as it is.
            ModelBusy: the model cannot answer now; the same texts may be scored later.
            DeviceLost: only a new process can use the device again.
        """
        ...


@runtime_checkable
class SubjectClassifier(Classifier, Protocol):
    """A classifier that can be asked what a text says about a company in it."""

    def classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        """Score the text of each question, in order; sentiment and severity are of its subject.

        Raises:
            ModelError: the batch cannot be scored as it is.
            ModelBusy: the model cannot answer now; the same questions may be answered later.
        """
        ...
