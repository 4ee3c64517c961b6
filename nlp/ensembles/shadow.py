"""A second model beside the first. Its scores are written down and compared, and change nothing."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from nlp.classifier import Classifier, Scores, ShadowScores, SubjectClassifier
from nlp.ensembles.shadow_agreement import ShadowAgreement

TEXTS_PER_LOG_LINE: Final = 1_000
"""Texts between two log lines about the agreement of the models."""
SECONDS_BETWEEN_FAILURES: Final = 60.0
"""Shortest time between two log lines about failures: a model that fails on every batch must not
fill the log."""

_log = structlog.get_logger(__name__)


class Shadow:
    """A classifier with the first model's scores, and the second's in ``Scores.shadow``.

    Both models see the same batches, one after the other, so a batch takes as long as both
    together. If the first refuses a batch, it is refused, and the second is not asked. If the
    second fails, in any way, the field stays empty for the whole batch. Questions go to the first
    alone: the models are compared by their scores of whole texts.

    Attributes:
        shadow_id: the second model's id.
        agreement: counts of the texts on which the models agree.
    """

    def __init__(
        self, first: Classifier, second: Classifier, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._first = first
        self._second = second
        self._clock = clock
        self._quiet_until = -1.0
        self._unlogged_failures = 0
        self.model_id = first.model_id
        self.shadow_id = second.model_id
        self.agreement = ShadowAgreement()
        if isinstance(first, SubjectClassifier):
            self.classify_about = first.classify_about

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text with the first model, and with the second if it can."""
        scores = self._first.classify(texts)
        answers = self._ask_second(texts)
        if answers is None:
            return scores

        lines = self.agreement.texts // TEXTS_PER_LOG_LINE
        for first, second in zip(scores, answers, strict=True):
            self.agreement.count(first, second)
        if self.agreement.texts // TEXTS_PER_LOG_LINE > lines:
            names = {"model": self.model_id, "shadow": self.shadow_id}
            _log.info("shadow agreement", **names, **self.agreement.summary())

        return [
            first._replace(shadow=ShadowScores(self.shadow_id, *second[:5]))
            for first, second in zip(scores, answers, strict=True)
        ]

    def _ask_second(self, texts: Sequence[str]) -> list[Scores] | None:
        try:
            answers = self._second.classify(texts)
            if len(answers) != len(texts):
                raise ValueError(f"{len(answers)} scores for {len(texts)} texts")  # noqa: TRY301 - logged as any other failure
        except Exception as error:  # noqa: BLE001 - no failure of the second may harm the first
            self.agreement.unscored += len(texts)
            self._unlogged_failures += 1
            if self._clock() >= self._quiet_until:
                self._quiet_until = self._clock() + SECONDS_BETWEEN_FAILURES
                _log.warning(
                    "shadow failed",
                    shadow=self.shadow_id,
                    batches=self._unlogged_failures,
                    error=f"{type(error).__name__}: {error}",
                )
                self._unlogged_failures = 0
            return None
        return answers
