"""Texts with the labels of all tasks, and the batches of an epoch."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from nlp.companies.masking import NameMasking
from nlp.companies.renaming import Renaming
from nlp.labelled_rows import Row
from nlp.normalise import normalise
from nlp.tasks import HEADS, Head, Task

T = TypeVar("T")

UNKNOWN: Final = -100
"""Stands for a missing label. PyTorch's cross entropy ignores this index by default."""
TAUGHT: Final = HEADS["sentiment"] + HEADS["topic"] + 1
"""Numbers in a teacher's answer."""
_POOL_BATCHES: Final = 50
"""Batches whose texts are sorted by length together."""


class Example(NamedTuple):
    """A text and its labels.

    Attributes:
        text: normalised, see `nlp.normalise`.
        labels: class indices; heads without a label are missing.
        subject: the company that the labels are about; empty if they are about the text.
        taught: the answers of a teacher, side by side: the probabilities of the sentiments, the
            topics' scores, and the severity (`TAUGHT`); empty without a teacher.
    """

    text: str
    labels: Mapping[Head, int]
    subject: str = ""
    taught: Sequence[float] = ()


def merge_rows(rows: Mapping[Task, Sequence[Row]]) -> list[Example]:
    """Return one example for each text and subject, with its labels of all tasks.

    If a text has several labels of one task, the last one counts.
    """
    labels_by_text: dict[tuple[str, str], dict[Head, int]] = {}
    for task, task_rows in rows.items():
        for row in task_rows:
            labels = labels_by_text.setdefault(_asked(row), {})
            labels[task] = row.label
            if row.severity is not None:
                labels["severity"] = row.severity
    return [Example(text, labels, subject) for (text, subject), labels in labels_by_text.items()]


def _asked(row: Row) -> tuple[str, str]:
    return normalise(row.text), normalise(row.subject)


def mask_names(examples: Sequence[Example], masking: NameMasking) -> list[Example]:
    """Return the examples as a model reads them that masks the names of companies."""
    masked = [masking.mask(example.text, example.subject) for example in examples]
    return [
        example._replace(text=new.text, subject=new.subject)
        for example, new in zip(examples, masked, strict=True)
    ]


def vary_names(
    examples: Sequence[Example],
    share: float,
    seed: int,
    masking: NameMasking | None = None,
) -> list[Example]:
    """Return copies of ``share`` of the examples that name a company, under other names.

    For a model that reads texts through a ``masking`` all new names are invented, because it reads
    those in the list as placeholders. It reads any subject as one, too: copies that it could not
    tell from the example are left out.
    """
    renaming = Renaming(seed)
    rename = renaming.rename_masked if masking else renaming.rename
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    chosen: list[Example] = []
    copies: list[Example] = []
    for example in examples:
        if renaming.names_company(example.text) and dice.random() < share:
            text, subject = rename(example.text, example.subject)
            chosen.append(example)
            copies.append(Example(text, example.labels, subject))
    if not masking:
        return copies
    read = zip(copies, mask_names(copies, masking), mask_names(chosen, masking), strict=True)
    return [copy for copy, new, old in read if new != old]


def random_split(items: Sequence[T], share: float, seed: int) -> tuple[list[T], list[T]]:
    """Return (rest, held out), where ``share`` of ``items`` are held out."""
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - seeded on purpose
    held_out = round(len(shuffled) * share)
    return shuffled[held_out:], shuffled[:held_out]


def hold_out_rows(
    rows: Mapping[Task, Sequence[Row]],
    training: Sequence[Example],
    held_out: Sequence[Example],
    share: float,
    seed: int,
) -> list[Example]:
    """Return the held-out texts as if ``share`` of the rows, not of the texts, were held out.

    If a text stands in several rows, some of these would be trained on. So each repeated text is
    left out of ``held_out``; and a repeated text of ``training`` is added as many times as a draw
    of ``share`` of its rows takes it.
    """
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    row_counts = {task: Counter(map(_asked, task_rows)) for task, task_rows in rows.items()}
    repeated = {
        asked for counts in row_counts.values() for asked, count in counts.items() if count > 1
    }
    result = [example for example in held_out if (example.text, example.subject) not in repeated]
    for example in training:
        asked = example.text, example.subject
        for head, label in example.labels.items() if asked in repeated else ():
            if head == "severity":
                continue
            drawn = sum(dice.random() < share for _ in range(row_counts[head][asked]))
            result += [Example(example.text, {head: label}, example.subject)] * drawn
    return result


def epoch_batches(lengths: Sequence[int], size: int, seed: int) -> list[list[int]]:
    """Return batches of ``size`` indices whose lengths are similar, in random order.

    The indices are shuffled and then sorted by length within pools of fifty batches, so that
    batches need little padding and still differ from epoch to epoch. A seed always gives the same
    batches.
    """
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    order = list(range(len(lengths)))
    dice.shuffle(order)

    batches: list[list[int]] = []
    for start in range(0, len(order), size * _POOL_BATCHES):
        pool = sorted(order[start : start + size * _POOL_BATCHES], key=lengths.__getitem__)
        batches += [pool[first : first + size] for first in range(0, len(pool), size)]
    dice.shuffle(batches)
    return batches
