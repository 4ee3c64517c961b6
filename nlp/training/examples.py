"""Texts with the labels of all tasks, and how they are dealt to an epoch."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from nlp.labelled_rows import Row
from nlp.normalise import normalise
from nlp.tasks import Task

T = TypeVar("T")

UNKNOWN: Final = -100
"""A label that the text has not; what PyTorch's cross entropy leaves out."""
_POOL: Final = 50


class Example(NamedTuple):
    """A normalised text and its labels; a task that has none says `UNKNOWN`."""

    text: str
    labels: Mapping[Task, int]


def examples(rows: Mapping[Task, Sequence[Row]]) -> list[Example]:
    """One example a text; a text that two tasks label has both labels."""
    merged: dict[str, dict[Task, int]] = {}
    for task, found in rows.items():
        for row in found:
            merged.setdefault(normalise(row.text), {})[task] = row.label
    return [Example(text, labels) for text, labels in merged.items()]


def split(found: Sequence[T], share: float, seed: int) -> tuple[list[T], list[T]]:
    """Those to learn from, and ``share`` of them held out, drawn by ``seed``."""
    shuffled = list(found)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - seeded on purpose
    held_out = round(len(shuffled) * share)
    return shuffled[held_out:], shuffled[:held_out]


def as_they_come(
    rows: Mapping[Task, Sequence[Row]],
    learnt: Sequence[Example],
    held_out: Sequence[Example],
    share: float,
    seed: int,
) -> list[Example]:
    """The held-out texts as if ``share`` of the rows were, and not of the texts.

    Of a text that came more than once some row would be learnt: it is left out where it is among
    ``held_out``, and put in, as often as ``share`` of its rows makes it, where it is ``learnt``.
    """
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    times = {task: Counter(normalise(row.text) for row in of) for task, of in rows.items()}
    often = {text for of in times.values() for text, count in of.items() if count > 1}
    found = [one for one in held_out if one.text not in often]
    for one in learnt:
        for task, label in one.labels.items() if one.text in often else ():
            drawn = sum(dice.random() < share for _ in range(times[task][one.text]))
            found += [Example(one.text, {task: label})] * drawn
    return found


def deal(lengths: Sequence[int], size: int, seed: int) -> list[list[int]]:
    """Batches of ``size`` indices of similar length, in random order: the same for one ``seed``.

    Similar lengths come from sorting within random pools of fifty batches, so that batches differ
    from epoch to epoch.
    """
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    order = list(range(len(lengths)))
    dice.shuffle(order)
    batches = list(_sorted_pools(order, lengths, size))
    dice.shuffle(batches)
    return batches


def _sorted_pools(order: Sequence[int], lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(order), size * _POOL):
        pool = sorted(order[start : start + size * _POOL], key=lambda index: lengths[index])
        yield from (pool[at : at + size] for at in range(0, len(pool), size))
