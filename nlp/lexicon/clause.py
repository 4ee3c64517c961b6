"""What the words of a Chinese clause say together: directions, burdens, negation.

- What rises is good news: profits. A *burden* that rises is bad news: losses, costs, unemployment.
- A *negation* turns what follows into its mild opposite.
- An *ending*, such as a strike that is called off, turns what stands before or behind it.
- A *denial* takes the weight from all of the text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Kind = Literal["sentiment", "direction", "burden", "not", "ending", "denial", "factor"]

BURDEN_REACH_WORDS: Final = 5
"""Words between a burden and the word that says where it goes."""
NEGATION_REACH_WORDS: Final = 4
ENDING_REACH_WORDS: Final = 8
NEGATED_BAD_WEIGHT: Final = 0.5
"""Weight of bad news that did not happen: less than a neutral text needs to be positive."""
ENDED_BAD_WEIGHT: Final = 1.2
NEGATED_GOOD_WEIGHT: Final = -1.2
DENIED_SHARE: Final = 0.3
"""Share of a text's weight that is left where it is denied or only a rumour."""


class Cue(NamedTuple):
    """A word that has to do with the sentiment.

    Attributes:
        kind: What it does.
        weight: Positive for good news and for what rises; for a factor, the factor.
    """

    kind: Kind
    weight: float = 0.0


class Found(NamedTuple):
    """A cue of a clause, and the word that it is."""

    position: int
    cue: Cue


@dataclass(slots=True)
class Sense:
    """The sense of a clause.

    Attributes:
        weights: The weight that each word has in the end, by its position.
        factor: The product of the clause's factors.
        is_denied: Whether the clause denies something.
    """

    weights: dict[int, float] = field(default_factory=dict)
    factor: float = 1.0
    is_denied: bool = False


def read_clause(words: Sequence[str], look_up: Callable[[str], Sequence[Cue]]) -> Sense:
    """Return the sense of a clause, whose words ``look_up`` gives their cues."""
    cues = [Found(position, cue) for position, word in enumerate(words) for cue in look_up(word)]
    sense = Sense()
    for position, (kind, weight) in cues:
        if kind == "sentiment":
            sense.weights[position] = weight
        elif kind == "factor":
            sense.factor *= weight
        elif kind == "denial":
            sense.is_denied = True
    _apply_directions(sense, cues)
    _apply_negations(sense, cues)
    return sense


def _apply_directions(sense: Sense, cues: Sequence[Found]) -> None:
    """Give the words that say where something goes their weight, by what it is that goes there."""
    burdens = [position for position, cue in cues if cue.kind == "burden"]
    for position, cue in cues:
        if cue.kind != "direction":
            continue
        near = [other for other in burdens if abs(other - position) <= BURDEN_REACH_WORDS]
        near = [other for other in near if other != position]
        sense.weights[position] = -cue.weight if near else cue.weight
        if near and cue.weight < 0.0:  # less of a burden is no bad news
            for burden in near:
                sense.weights.pop(burden, None)


def _apply_negations(sense: Sense, cues: Sequence[Found]) -> None:
    """Turn what is negated or has ended into its mild opposite, each word once."""
    turned: set[int] = set()
    for position, cue in cues:
        if cue.kind == "not":
            reach = range(position + 1, position + 1 + NEGATION_REACH_WORDS)
        elif cue.kind == "ending":
            reach = range(position - ENDING_REACH_WORDS, position + 1 + ENDING_REACH_WORDS)
        else:
            continue
        others = [
            other
            for other in sorted(reach, key=lambda other: abs(other - position))
            if other != position and other not in turned and other in sense.weights
        ]
        if others:
            mild = ENDED_BAD_WEIGHT if cue.kind == "ending" else NEGATED_BAD_WEIGHT
            bad = sense.weights[others[0]] < 0.0
            sense.weights[others[0]] = mild if bad else NEGATED_GOOD_WEIGHT
            sense.weights.pop(position, None)
            turned.update({others[0], position})
