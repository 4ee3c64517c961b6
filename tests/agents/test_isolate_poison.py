"""Bisection: the poisoned texts, all of them and no others, in few calls."""

import asyncio
from collections.abc import Sequence
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scoring.isolate_poison import Poison, isolate_poison
from nlp.classifier import ModelError, Scores


@pytest.mark.property
@given(st.lists(st.booleans(), max_size=64))
def test_only_the_poisoned_are_poison(poisoned: list[bool]) -> None:
    """Neighbours of a bad text would be lost, or the model be called for every text."""
    calls: list[Sequence[str]] = []

    async def classify(texts: Sequence[str]) -> list[Scores]:
        calls.append(texts)
        if any(poisoned[int(text)] for text in texts):
            raise ModelError(" ".join(texts))
        return [Scores(float(text), 0.0, 0.0, {}) for text in texts]

    scores = asyncio.run(isolate_poison(classify, [str(n) for n in range(len(poisoned))]))
    assert [isinstance(answer, Poison) for answer in scores] == poisoned
    for number, answer in enumerate(scores):
        expected = str(number) if isinstance(answer, Poison) else float(number)
        assert (str(answer.cause) if isinstance(answer, Poison) else answer.negative) == expected
    depth = log2(max(2, len(poisoned))) + 1
    assert len(calls) <= 1 + 2 * sum(poisoned) * depth


async def test_attempts_count_the_batches_that_a_text_was_in() -> None:
    """A dead letter would tell the wrong number of attempts."""

    async def classify(texts: Sequence[str]) -> list[Scores]:
        raise ModelError(str(len(texts)))

    scores = await isolate_poison(classify, ["a", "b", "c", "d"])
    assert [answer.attempts for answer in scores if isinstance(answer, Poison)] == [3] * 4
