"""Bisection: the poisoned texts, all of them and no others, in few calls."""

import asyncio
from collections.abc import Collection, Sequence
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.asking.isolate_poison import Poison, isolate_poison
from nlp.classifier import ModelError, Scores


class Down(Exception):
    """The model answers nothing."""


class Fake:
    """A model that counts calls, those of ``verify`` too, and fails on the texts in ``poison``.

    It answers nothing while ``is_down`` holds for the number of the call.
    """

    def __init__(self, poison: Sequence[str] = (), down: Collection[int] = ()) -> None:
        self.poison = frozenset(poison)
        self.down = down
        self.calls = 0

    async def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.calls += 1
        if self.calls in self.down or self.poison.intersection(texts):
            raise ModelError(" ".join(texts))
        return [Scores(float(text), 0.0, 0.0, {}) for text in texts]

    async def verify(self, _: str) -> None:
        """Ask once."""
        self.calls += 1
        if self.calls in self.down:
            raise Down


def texts(count: int) -> list[str]:
    """Return texts that differ."""
    return [str(number) for number in range(count)]


@pytest.mark.property
@given(st.lists(st.booleans(), max_size=200))
def test_only_the_poisoned_are_poison_and_few_calls_find_them(poisoned: list[bool]) -> None:
    """Neighbours of a bad text would be lost, or a slow model be called for every text."""
    asked = texts(len(poisoned))
    bad = [text for text, is_bad in zip(asked, poisoned, strict=True) if is_bad]
    model = Fake(bad)
    scores = asyncio.run(isolate_poison(model.classify, asked, model.verify))
    assert [isinstance(answer, Poison) for answer in scores] == poisoned
    for text, answer in zip(asked, scores, strict=True):
        expected = text if isinstance(answer, Poison) else float(text)
        assert (str(answer.cause) if isinstance(answer, Poison) else answer.negative) == expected
    depth = ceil(log2(max(2, len(poisoned))))
    assert model.calls <= 2 * len(bad) * depth + 8


def test_one_bad_text_of_a_full_call_costs_twenty_four_calls() -> None:
    """A large model would be busy for minutes with each poisoned article."""
    model = Fake(["617"])
    asyncio.run(isolate_poison(model.classify, texts(1_000), model.verify))
    assert model.calls <= 1 + 2 * 10 + 3


@pytest.mark.property
@given(st.integers(1, 64), st.integers(1, 30), st.integers(1, 200))
def test_nothing_is_poison_while_the_model_is_down(count: int, begin: int, length: int) -> None:
    """Good articles would become dead letters because a server was away for a moment."""
    model = Fake(down=range(begin, begin + length))
    try:
        scores = asyncio.run(isolate_poison(model.classify, texts(count), model.verify))
    except Down:
        return
    assert not any(isinstance(answer, Poison) for answer in scores)


def test_a_model_that_blinks_sets_nothing_aside() -> None:
    """A server that answers one call in an outage would vouch for the failures around it."""
    model = Fake(down={1, *range(3, 99)})
    with pytest.raises(Down):
        asyncio.run(isolate_poison(model.classify, texts(1), model.verify))


@pytest.mark.parametrize(("count", "calls"), [(1, 2), (64, 8), (1_000, 11)])
def test_a_model_that_is_down_is_found_out_in_few_calls(count: int, calls: int) -> None:
    """Each text of a thousand would be tried alone, on a server that is overloaded as it is."""
    model = Fake(down=range(9_999))
    with pytest.raises(Down):
        asyncio.run(isolate_poison(model.classify, texts(count), model.verify))
    assert model.calls == calls


async def test_attempts_count_the_calls_that_a_text_was_in() -> None:
    """A dead letter would tell the wrong number of attempts."""
    model = Fake(texts(4))
    scores = await isolate_poison(model.classify, texts(4), model.verify)
    assert [answer.attempts for answer in scores if isinstance(answer, Poison)] == [4] * 4
