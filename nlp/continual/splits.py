"""Decide which texts a candidate is trained on, validated by and tested by.

No text is in two of these sets. Whether a correction is a test text depends on the text alone: it
is one in every later adaptation too, so no model, however often adapted, was trained on it.
"""

import random
from collections.abc import Iterable, Sequence
from hashlib import sha256
from math import ceil
from typing import Final, NamedTuple

from nlp.labelled_rows import BadRows
from nlp.normalise import normalise
from nlp.tasks import TASKS
from nlp.training.examples import Example, random_split

MIN_CORRECTIONS: Final = 5
"""Corrections needed to train and to test, each; from fewer nothing follows."""
MAX_VALIDATION_TEXTS: Final = 2_000
"""Bound on the old texts among the validation texts."""
_NEW_VALIDATION_SHARE: Final = 0.1
"""Share of the corrections to learn from that validate instead."""


class Splits(NamedTuple):
    """Disjoint sets of texts.

    Attributes:
        training: corrections and replayed old texts to learn from.
        validation: corrections and old texts to choose the best epoch and to calibrate by.
        new: corrections to test by.
        old: old texts to test by.
    """

    training: list[Example]
    validation: list[Example]
    new: list[Example]
    old: list[Example]


def split_texts(  # noqa: PLR0913 - three sources and how they are mixed
    corrections: Sequence[Example],
    replay: Sequence[Example],
    old: Sequence[Example],
    *,
    held_out: float,
    replay_ratio: float,
    seed: int,
) -> Splits:
    """Divide all texts among the sets.

    A corrected text is neither replayed nor tested with its old label.

    Args:
        corrections: new texts.
        replay: old texts that may be learnt again, so that they are not forgotten.
        old: old texts that are never learnt.
        held_out: share of the corrections to test by.
        replay_ratio: old texts to learn for each correction to learn.
        seed: of the draws.

    Raises:
        BadRows: there are too few corrections to learn from or to test by.
    """
    learnable, test = _divide(corrections, held_out)
    if len(test) < MIN_CORRECTIONS or len(learnable) < MIN_CORRECTIONS:
        raise BadRows(
            f"{len(corrections)} corrections are too few: {len(test)} are held out to judge by "
            f"and {len(learnable)} are left to learn from, each of which must be at least "
            f"{MIN_CORRECTIONS}; gather more, or set --held-out"
        )

    replayable = without_texts(replay, [*corrections, *old])
    replayed, rest = draw_replay(replayable, round(replay_ratio * len(learnable)), seed)
    training, validation = random_split(learnable, _NEW_VALIDATION_SHARE, seed)
    validation = [*validation, *rest[:MAX_VALIDATION_TEXTS]]
    return Splits(
        [*training, *replayed], validation or training, test, without_texts(old, corrections)
    )


def needed_corrections(held_out: float) -> str:
    """Return the sentence that says how many corrections are needed, for a share to test by.

    >>> needed_corrections(0.3)
    'needs 5 corrections to learn from and 5 to judge by: about 17 in all with --held-out 0.3'
    """
    about = ceil(MIN_CORRECTIONS / min(held_out, 1.0 - held_out))
    return (
        f"needs {MIN_CORRECTIONS} corrections to learn from and {MIN_CORRECTIONS} to judge by: "
        f"about {about} in all with --held-out {held_out:g}"
    )


def present_corrections(corrections: Sequence[Example], held_out: float) -> str:
    """Return the sentence that says how many corrections there are, of each use and each task."""
    learnable, test = _divide(corrections, held_out)
    tasks = ", ".join(
        f"{sum(task in example.labels for example in corrections)} of {task}" for task in TASKS
    )
    return (
        f"has {len(corrections)} corrected texts: {len(learnable)} to learn from, "
        f"{len(test)} to judge by ({tasks})"
    )


def _divide(corrections: Sequence[Example], held_out: float) -> tuple[list[Example], list[Example]]:
    """Return the corrections to learn from, and those to test by."""
    test = [example for example in corrections if is_held_out(example.text, held_out)]
    rest = [example for example in corrections if not is_held_out(example.text, held_out)]
    return rest, test


def is_held_out(text: str, share: float) -> bool:
    """Return True for a fixed, hash-chosen fraction ``share`` of texts, which are never learnt."""
    return int.from_bytes(sha256(normalise(text).encode()).digest()[:8]) < share * 2**64


def draw_replay(
    texts: Sequence[Example], count: int, seed: int
) -> tuple[list[Example], list[Example]]:
    """Return (replayed, rest), where up to ``count`` random texts are replayed.

    At least a fifth, up to `MAX_VALIDATION_TEXTS`, is left for the rest.
    """
    shuffled = list(texts)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - seeded on purpose
    reserved = min(MAX_VALIDATION_TEXTS, len(texts) // 5)
    replayed = shuffled[reserved : reserved + count]
    return replayed, shuffled[:reserved] + shuffled[reserved + count :]


def without_texts(examples: Iterable[Example], excluded: Iterable[Example]) -> list[Example]:
    """Return those ``examples`` whose texts are not among the ``excluded``."""
    texts = {example.text for example in excluded}
    return [example for example in examples if example.text not in texts]
