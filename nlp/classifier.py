"""What a model is to the rest of newsquake, and the ways it can fail.

Exception
├── ModelError          one or more texts of this batch could not be scored: bisect the batch
│   ├── Unclassifiable  the model refuses a text (its answer is not a distribution)
│   └── OutOfMemory     a single text does not fit the device, however small the batch
├── ModelBusy           the model cannot answer now: ask again after a pause
└── ModelMissing        the model cannot be had at all: no text will ever succeed, crash
    └── LabelsUnknown   the checkpoint does not say which class is negative
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class ModelError(Exception):
    """A batch could not be scored; a smaller one may be. A text that fails alone is set aside."""


class Unclassifiable(ModelError):  # noqa: N818 -- the state, as in httpx
    """The model's answer for a text is not a probability distribution (NaN, wrong shape)."""


class OutOfMemory(ModelError):  # noqa: N818
    """The device ran out of memory on a single text: halving the batch has come to its end."""


class ModelBusy(Exception):  # noqa: N818
    """The model is busy or out of memory; the same texts may succeed later."""


class ModelMissing(Exception):  # noqa: N818
    """The model or a library it needs is not there. Misconfiguration: the process must end."""


class LabelsUnknown(ModelMissing):
    """The checkpoint's labels are not sentiments and the settings give no map for them."""


class Scores(NamedTuple):
    """One text's scores: three probabilities that sum to 1, and topics in 0..1, often none.

    ``topics`` may hold every topic that the model knows; ``about`` are those the text carries, for
    the model has a threshold for each. ``shadow`` is what a second model said, which counts for
    nothing but to compare.
    """

    negative: float
    neutral: float
    positive: float
    topics: Mapping[str, float]
    about: tuple[str, ...] = ()
    shadow: "ShadowScores | None" = None


class ShadowScores(NamedTuple):
    """What a model in the shadow said, and which."""

    model: str
    negative: float
    neutral: float
    positive: float
    topics: Mapping[str, float]
    about: tuple[str, ...] = ()


class Classifier(Protocol):
    """A sentiment and topic model.

    ``classify`` is synchronous and may take long: callers run it in a thread. One instance is
    called by one thread at a time.
    """

    @property
    def model_id(self) -> str:
        """Names the model and its version, so that scores of two models are never confused."""
        ...

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Scores of each text, in order.

        A text's scores do not depend on its neighbours beyond rounding (1e-4). Empty and
        overlong texts are scored too; the latter are truncated.

        Raises:
            ModelError: the batch cannot be scored as it is.
            ModelBusy: the model is busy or out of memory; the same texts may succeed later.
        """
        ...
