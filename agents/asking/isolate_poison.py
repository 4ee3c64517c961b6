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


async def trust(_: str | Question) -> None:
    """Take the model for working: a person who asked it sees what fails, and nothing is lost."""


async def isolate_poison(
    classify: Callable[[Sequence[Text]], Awaitable[Sequence[Scores]]],
    texts: Sequence[Text],
    verify: Callable[[Text], Awaitable[None]],
    attempts: int = 1,
) -> list[Scores | Poison]:
    """Return scores or poison for each text or question, in order.

    A text is poison if the model fails on it alone, twice, and ``verify`` returns after each time:
    then the model answers other texts, and is not down. k poisoned of n cost at most about
    2 k log2(n) calls; a model that is down costs log2(n) and what ``verify`` needs.

    Args:
        classify: Asks the model.
        texts: The texts or questions.
        verify: Returns once the model answers something else than the text that it is given, by
            the same way, and raises if it does not.
        attempts: The number of calls for each text, this one among them.

    Raises:
        Exception: ``verify`` raised it, or ``classify`` raised anything else than `ModelError`.
    """
    if not texts:
        return []
    try:
        return list(await classify(texts))
    except ModelError:
        pass  # a traceback would keep the failed batch in memory meanwhile
    if len(texts) == 1:
        return [await _judge(classify, texts[0], verify, attempts + 1)]
    middle = len(texts) // 2
    left = await isolate_poison(classify, texts[:middle], verify, attempts + 1)
    return left + await isolate_poison(classify, texts[middle:], verify, attempts + 1)


async def _judge(
    classify: Callable[[Sequence[Text]], Awaitable[Sequence[Scores]]],
    text: Text,
    verify: Callable[[Text], Awaitable[None]],
    attempts: int,
) -> Scores | Poison:
    """Ask about a lone text that failed once more, between two proofs that the model works."""
    await verify(text)
    try:
        (scores,) = await classify([text])
    except ModelError as error:
        poison = Poison(error, attempts)
    else:
        return scores
    await verify(text)
    return poison
