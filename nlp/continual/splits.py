"""Which texts a candidate learns from, which it is chosen by, and which it is judged by.

No text is in two of them. What is held out of the corrections depends on the text alone: a
correction that was held out once is held out in every later adaptation too, and no model, however
many adaptations old, has learnt from it.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from nlp.labelled_rows import BadRows, Row
from nlp.normalise import normalise
from nlp.tasks import Task
from nlp.training.examples import Example, split

LEAST: Final = 5
"""Corrections held out; fewer say nothing."""
CHOOSING: Final = 2_000
"""Old texts, at most, that a candidate is chosen and calibrated by."""
_CHOOSING_NEW: Final = 0.1

Rows = Mapping[Task, Sequence[Row]]


class Shares(NamedTuple):
    """Texts to learn from, to choose by, and to judge by, new and old."""

    learn: list[Example]
    choose: list[Example]
    new: list[Example]
    old: list[Example]


class Mixed(NamedTuple):
    """Old texts that are replayed among the new ones, and those that are left."""

    replayed: list[Example]
    left: list[Example]


def shares(  # noqa: PLR0913 - three sources and how they are mixed
    new: Sequence[Example],
    replay: Sequence[Example],
    old: Sequence[Example],
    *,
    held_out: float,
    ratio: float,
    seed: int,
) -> Shares:
    """Deal the texts; a text that was corrected is not replayed, nor judged, with its old label.

    Raises:
        BadRows: too few corrections to learn from some and to hold out others.
    """
    judged = [one for one in new if is_held_out(one.text, held_out)]
    learnt = [one for one in new if not is_held_out(one.text, held_out)]
    if len(judged) < LEAST or len(learnt) < LEAST:
        raise BadRows(
            f"{len(new)} corrections are too few: of those held out to judge by ({len(judged)}) and"
            f" of the others ({len(learnt)}) there must be {LEAST}; gather more, or set --held-out"
        )
    guarded = without(old, new)
    mixed = mix(without(replay, [*new, *old]), round(ratio * len(learnt)), seed)
    learn, choose = split(learnt, _CHOOSING_NEW, seed)
    chosen_by = [*choose, *mixed.left[:CHOOSING]]
    return Shares([*learn, *mixed.replayed], chosen_by or learn, judged, guarded)


def is_held_out(text: str, share: float) -> bool:
    """Whether the corrected ``text`` is never learnt from: so for ``share`` of all texts."""
    return int.from_bytes(sha256(normalise(text).encode()).digest()[:8]) < share * 2**64


def mix(old: Sequence[Example], count: int, seed: int) -> Mixed:
    """``count`` of ``old``, drawn by ``seed``, and the rest: a fifth at least, up to `CHOOSING`."""
    shuffled = list(old)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - seeded on purpose
    aside = min(CHOOSING, len(old) // 5)
    replayed = shuffled[aside : aside + count]
    return Mixed(replayed, shuffled[:aside] + shuffled[aside + count :])


def without(found: Iterable[Example], others: Iterable[Example]) -> list[Example]:
    """Those of ``found`` whose text none of ``others`` has."""
    texts = {one.text for one in others}
    return [one for one in found if one.text not in texts]
