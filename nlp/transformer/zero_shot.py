"""Topics that a user describes in words: no training, no labels.

A text's score for a topic grows with the cosine of its vector and the vector of the topic's
description, both made by the encoder of `nlp.transformer.encoder` without any training: the mean of
the tokens' vectors (Reimers and Gurevych 2019). If a topic has several descriptions, the nearest
counts.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from nlp.classifier import ModelMissing, Scores, Unclassifiable
from nlp.inference.padding import pad, padding_of
from nlp.inference.runner import BatchRunner, failures_as_model_errors
from nlp.inference.torch_runtime import TorchRuntime
from nlp.settings import ModelSettings
from nlp.tasks import carried_topics
from nlp.transformer.encoder import PACKAGE, load_encoder, load_tokenizer
from nlp.transformer.multitask import mean_pool
from nlp.transformer.tokenize import Tokenizer

MIDDLE_COSINE: Final = 0.40
STEEPNESS: Final = 15.0
"""A score is ``sigmoid(STEEPNESS * (cosine - MIDDLE_COSINE))``. So a score of 0.5, from which a
text carries the topic, is a cosine of 0.40. Source: 80 pairs of a news headline of 2023 and one of
nine topics (layoffs, bank failures, cyberattacks…) were read. At a cosine of 0.28 to 0.34 one
headline in eight was about the topic, up to 0.40 half, up to 0.46 six in ten, up to 0.55 eight in
ten, and above that nearly all. Random headlines have a mean cosine of 0.07 with a standard
deviation of 0.09."""
MAX_TOKENS: Final = 256
"""Tokens of a text; the encoder was trained on no more."""


class ZeroShot:
    """Scores of the topics in ``nlp.zero_shot``; every text is neutral. One thread at a time."""

    def __init__(self, settings: ModelSettings) -> None:
        if not settings.zero_shot:
            raise ModelMissing(
                "zero-shot needs topics: describe them in the setting nlp.zero_shot, such as "
                '{"layoffs": "A company cuts jobs; workers are laid off"}'
            )
        self._runtime = TorchRuntime.start(settings)
        encoder = load_encoder().train(mode=False)
        self._padding = padding_of(encoder)
        self._encoder = self._runtime.prepare(encoder)
        self._tokens = Tokenizer(load_tokenizer(), min(settings.max_tokens, MAX_TOKENS))
        self._runner = BatchRunner(self._runtime, settings.batch_tokens)
        self._topics = _descriptions(settings.zero_shot)
        self._anchors = [self._vectors(descriptions) for descriptions in self._topics.values()]
        prompts = "\n".join(f"{topic}: {prompt}" for topic, prompt in settings.zero_shot.items())
        fingerprint = sha256(f"{PACKAGE}\n{prompts}".encode()).hexdigest()[:8]
        self.model_id = f"zero-shot@{fingerprint}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text. See `Classifier.classify`."""
        if not texts:
            return []
        with failures_as_model_errors(self._runtime):
            vectors = self._vectors(texts)
            cosines = [(vectors @ anchors.T).amax(dim=1) for anchors in self._anchors]
            scores = (STEEPNESS * (torch.stack(cosines, dim=1) - MIDDLE_COSINE)).sigmoid()
        if not bool(scores.isfinite().all()):
            raise Unclassifiable("the encoder's answer has no direction")
        neutral = [
            Scores(0.0, 1.0, 0.0, dict(zip(self._topics, row, strict=True)))
            for row in scores.tolist()
        ]
        return [answer._replace(about=carried_topics(answer)) for answer in neutral]

    def _vectors(self, texts: Sequence[str]) -> Tensor:
        """Return unit vectors of ``texts`` in double precision, on the CPU: (texts, width)."""
        slices = self._tokens.prepare_ahead(texts)
        ids = [window.ids for prepared in slices for window in prepared.windows]
        rows = self._runner.run(ids, list(map(len, ids)), self._forward)
        return functional.normalize(torch.stack(rows).double(), dim=1)

    def _forward(self, batch: Sequence[list[int]]) -> list[Tensor]:
        ids, mask = pad(batch, self._padding, self._runtime.device)
        with torch.inference_mode():
            hidden = self._encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            return list(mean_pool(hidden, mask).cpu())


def _descriptions(prompts: Mapping[str, str]) -> dict[str, list[str]]:
    """Split each topic's prompt at its semicolons.

    Raises:
        ModelMissing: a topic has no description.
    """
    descriptions = {
        topic: [text.strip() for text in prompt.split(";") if text.strip()]
        for topic, prompt in prompts.items()
    }
    empty = [topic for topic, texts in descriptions.items() if not texts]
    if empty:
        raise ModelMissing(f"nlp.zero_shot describes {', '.join(empty)} with nothing: use words")
    return descriptions
