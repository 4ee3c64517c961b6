"""Find the texts that a model fails on, so that the others of their batch are scored."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeVar

from nlp.classifier import ModelError, Question, Scores

Text = TypeVar("Text", str, Question)
"""A text, or a question about one."""


class Poison(NamedTuple):
    """A text that the model fails on alone, after ``attempts`` in ever smaller batches."""

    cause: ModelError
    attempts: int


async def isolate_poison(
    classify: Callable[[Sequence[Text]], Awaitable[Sequence[Scores]]],
    texts: Sequence[Text],
    attempts: int = 1,
) -> list[Scores | Poison]:
    """Return scores or poison for each text or question, in order.

    k poisoned of n cost O(k log n) calls.

    Raises:
        Exception: ``classify`` raised anything else than `ModelError`.
    """
    if not texts:
        return []
    try:
        return list(await classify(texts))
    except ModelError as error:
        if len(texts) == 1:
            return [Poison(error, attempts)]
    middle = len(texts) // 2
    left = await isolate_poison(classify, texts[:middle], attempts + 1)
    return left + await isolate_poison(classify, texts[middle:], attempts + 1)
