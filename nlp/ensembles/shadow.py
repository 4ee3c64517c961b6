"""A second model beside the first, whose scores are written down and compared, and no more."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from nlp.classifier import Classifier, Scores, ShadowScores
from nlp.ensembles.shadow_agreement import ShadowAgreement

TEXTS_A_LINE: Final = 1_000
"""Texts between two lines in the log about how far the models agree."""
SECONDS_A_FAILURE: Final = 60.0
"""A model that fails on every batch must not fill the log."""

_log = structlog.get_logger(__name__)


class Shadow:
    """The first model's scores, with the second's in ``Scores.shadow``.

    Both see the same batches, one after the other, so a batch takes as long as both together.
    What the first refuses is refused, and the second is not asked. Where the second fails, the
    field stays empty for the whole batch. ``agreement`` has the counters.
    """

    def __init__(
        self, first: Classifier, second: Classifier, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._first = first
        self._second = second
        self._clock = clock
        self._quiet_until = -1.0
        self._unsaid = 0
        self.model_id = first.model_id
        self.shadow_id = second.model_id
        self.agreement = ShadowAgreement()

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify` of the first model."""
        scores = self._first.classify(texts)
        answers = self._asked(texts)
        if answers is None:
            return scores
        self._count(scores, answers)
        shadows = [ShadowScores(self.shadow_id, *answer[:5]) for answer in answers]
        return [one._replace(shadow=two) for one, two in zip(scores, shadows, strict=True)]

    def _asked(self, texts: Sequence[str]) -> list[Scores] | None:
        try:
            answers = self._second.classify(texts)
            if len(answers) != len(texts):
                raise ValueError(f"{len(answers)} scores for {len(texts)} texts")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - whatever it fails with, the first is not harmed
            self._failed(error, len(texts))
            return None
        return answers

    def _failed(self, error: Exception, texts: int) -> None:
        self.agreement.unscored += texts
        self._unsaid += 1
        if self._clock() < self._quiet_until:
            return
        self._quiet_until = self._clock() + SECONDS_A_FAILURE
        said = f"{type(error).__name__}: {error}"
        _log.warning("shadow failed", shadow=self.shadow_id, batches=self._unsaid, error=said)
        self._unsaid = 0

    def _count(self, scores: Sequence[Scores], answers: Sequence[Scores]) -> None:
        lines = self.agreement.texts // TEXTS_A_LINE
        for first, second in zip(scores, answers, strict=True):
            self.agreement.count(first, second)
        if self.agreement.texts // TEXTS_A_LINE > lines:
            names = {"model": self.model_id, "shadow": self.shadow_id}
            _log.info("shadow agreement", **names, **self.agreement.summary())
