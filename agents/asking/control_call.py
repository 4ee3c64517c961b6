"""A call of a model that must succeed if the model works at all."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from nlp.classifier import Classifier, Question, Scores, SubjectClassifier
from nlp.languages.router import model_that_reads

Ask = Callable[[Sequence[Any]], list[Scores]]
"""A method of a classifier: for texts, or for questions."""


def control_call(classifier: Classifier, item: str | Question) -> tuple[Ask, Sequence[Any]]:
    """Return a call with a harmless text instead of ``item``, which goes the same way.

    That is to the model of the item's language, which is not the only one, and as a question if
    the item is one. The text is another each time, as a model may remember its answers.
    """
    text = f"Acme shares rise {time.time_ns() % 1_000_000} points"
    if not isinstance(item, Question):
        return model_that_reads(classifier, item).classify, [text]
    model = model_that_reads(classifier, item.text)
    if isinstance(model, SubjectClassifier):
        return model.classify_about, [Question(text, "Acme")]
    return model.classify, [text]
