"""Sentiment and topics by one of newsquake's own models: the shipped one, or one trained here.

Three steps, each for a slice of the texts: prepare (tokens, in a thread of its own), forward
(batches of similar length under a token budget) and finish (calibrated probabilities, in the order
of the texts). The docstring of `nlp.inference` draws all of them.
"""

from collections import deque
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np

from nlp.classifier import Question, Scores, Unclassifiable
from nlp.companies.masking import NameMasking
from nlp.inference.meter import METER
from nlp.inference.runner import BatchRunner, failures_as_model_errors
from nlp.inference.runtime import Row, Runtime
from nlp.inference.runtimes import runtime_for
from nlp.settings import ModelSettings
from nlp.tasks import HEADS, SEVERITIES, TASKS
from nlp.transformer import encoder
from nlp.transformer.model_files import (
    fingerprint,
    read_manifest,
    trained_heads,
)
from nlp.transformer.ngrams import Ngrams
from nlp.transformer.tokenize import TextSlice, Tokenizer, mean_by_text

MAX_WAITING_SLICES: Final = 1
"""Slices that wait for the device while the slice before is finished, so that it never idles."""
_SENTIMENTS: Final = HEADS["sentiment"]
_SPLITS: Final = (_SENTIMENTS, _SENTIMENTS + HEADS["topic"])
"""Columns of the logits at which the topics and the severity begin."""
_SEVERITY_VALUES: Final = np.arange(SEVERITIES)
_NEUTRAL: Final = (0.0, 1.0, 0.0)
_WARM_UP: Final = ("Shares rise", "Shares of a company fall after it cut its forecast. " * 4)


class Transformer:
    """A saved model in memory. One thread at a time.

    Attributes:
        runtime: the library that computes the forward pass.
        model: the network, in the runtime.
        calibration: turns logits into probabilities.
        has_severity: whether the model says how severe news is.
        tasks: the tasks that the model was trained on. Without sentiment every text is neutral,
            and without topics no text has one.
        topics: names of the topics, in the order of the logits.
        tokenizer: the tokenizer of the encoder.
        mask_id: the token that stands for an unknown word.
        ngrams: the linear model beside the network, if there is one.
        masking: masks the names of companies, if the model was trained so.
    """

    def __init__(
        self, folder: Path, settings: ModelSettings, runtime: Runtime | None = None
    ) -> None:
        """Load the model in ``folder``; ``runtime`` replaces the one that `runtime_for` chooses.

        Raises:
            ModelMissing: a file is missing or damaged, or a library is not installed.
        """
        manifest = read_manifest(folder)
        self.runtime = runtime or runtime_for(folder, settings)
        self.model = self.runtime.load(folder)
        heads = trained_heads(folder)
        self.tasks = tuple(task for task in TASKS if task in heads)
        self.has_severity = "severity" in heads
        self.calibration = manifest.calibration
        self.topics = manifest.topics
        self.tokenizer = encoder.load_tokenizer(manifest.encoder)
        self.mask_id = self.tokenizer.token_to_id(encoder.find(manifest.encoder).mask)
        self.ngrams = Ngrams.read(folder)
        self.masking = NameMasking.of(manifest.names)
        self._tokens = Tokenizer(
            self.tokenizer,
            min(settings.max_tokens, manifest.max_tokens),
            ngrams=self.ngrams,
            windows=settings.windows,
            masking=self.masking,
        )
        self._runner = BatchRunner(self.runtime, settings.batch_tokens)
        self.model_id = f"{manifest.name}@{fingerprint(folder)}"
        self.classify(_WARM_UP)

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text. See `Classifier.classify`."""
        return self._classify(texts)

    def _classify(self, texts: Sequence[str], subjects: Sequence[str] = ()) -> list[Scores]:
        scores: list[Scores] = []
        running: deque[tuple[TextSlice, Callable[[], list[Row]]]] = deque()
        with failures_as_model_errors(self.runtime):
            for prepared in self._tokens.prepare_ahead(texts, subjects):
                ids = [window.ids for window in prepared.windows]
                rows = self._runner.begin(ids, list(map(len, ids)), self.model.forward)
                running.append((prepared, rows))
                if len(running) > MAX_WAITING_SLICES:
                    scores += self._finish(*running.popleft())
            for last in running:
                scores += self._finish(*last)
        return scores

    def _finish(self, texts: TextSlice, wait_for_rows: Callable[[], list[Row]]) -> list[Scores]:
        rows = wait_for_rows()
        with METER.phase("finish"):
            return self._scores_of(texts, rows)

    def _scores_of(self, texts: TextSlice, outputs: Sequence[Row]) -> list[Scores]:
        logits = mean_by_text(texts.windows, np.stack(outputs).astype(np.float64))
        sentiment, topic, severity = np.split(logits, _SPLITS, axis=1)
        calibration = self.calibration
        if texts.margins is not None:
            margins = texts.margins.astype(np.float64)
            sentiment = sentiment + calibration.blend[0] * margins[:, :_SENTIMENTS]
            topic = topic + calibration.blend[1] * margins[:, _SENTIMENTS:]
        sentiment = self.runtime.softmax(sentiment / calibration.temperature)
        topic = self.runtime.sigmoid(topic * calibration.scale + calibration.shift)
        severities: list[float | None] = [None] * len(sentiment)
        if self.has_severity:
            severities = (self.runtime.softmax(severity) @ _SEVERITY_VALUES).tolist()
        rows = zip(sentiment.tolist(), topic.tolist(), severities, strict=True)
        return [self._scores(*row) for row in rows]

    def _scores(
        self, sentiment: Sequence[float], topic_scores: Sequence[float], severity: float | None
    ) -> Scores:
        if not all(map(isfinite, sentiment)):
            raise Unclassifiable("the model's answer is not a probability distribution")
        topics: dict[str, float] = {}
        about: tuple[str, ...] = ()
        if "topic" in self.tasks:
            topics = dict(zip(self.topics, topic_scores, strict=True))
            thresholds = zip(topics, self.calibration.thresholds, strict=True)
            about = tuple(topic for topic, threshold in thresholds if topics[topic] >= threshold)
        negative, neutral, positive = sentiment if "sentiment" in self.tasks else _NEUTRAL
        return Scores(negative, neutral, positive, topics, about, severity=severity)


class SubjectTransformer(Transformer):
    """A saved model that learnt to answer about a company. See `SubjectClassifier`."""

    def classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        """Score the text of each question, as far as it is about the subject."""
        texts = [question.text for question in questions]
        return self._classify(texts, [question.subject for question in questions])


def load_transformer(folder: Path, settings: ModelSettings) -> Transformer:
    """Load the model in ``folder``, which can be asked about companies if it learnt to answer.

    Raises:
        ModelMissing: a file is missing or damaged, or a library is not installed.
    """
    is_askable = read_manifest(folder).subjects
    return (SubjectTransformer if is_askable else Transformer)(folder, settings)
