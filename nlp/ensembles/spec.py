"""The syntax of a setting that names models: ``shipped``, ``shipped+lexicon``, ``2*shipped+null``.

>>> parse_members("2*shipped + lexicon")
[Member(name='shipped', weight=2.0), Member(name='lexicon', weight=1.0)]
"""

from math import isfinite
from pathlib import Path
from typing import NamedTuple

from nlp.classifier import ModelMissing


class Member(NamedTuple):
    """A model of an ensemble.

    Attributes:
        name: the model as the settings name it.
        weight: its weight in the mean, above 0.
    """

    name: str
    weight: float = 1.0


def parse_members(spec: str) -> list[Member]:
    """Parse the models that ``spec`` names.

    The name of an existing folder is taken as it is, so it may contain a plus sign.

    Raises:
        ModelMissing: a name is empty or occurs twice, or a weight is not a positive number.
    """
    if Path(spec).is_dir():
        return [Member(spec)]
    members: list[Member] = []
    for term in spec.split("+"):
        factor, star, name = term.strip().partition("*")
        if not star:
            factor, name = "1", factor
        try:
            weight = float(factor)
        except ValueError:
            weight = 0.0
        if not isfinite(weight) or weight <= 0.0:
            problem = f"{factor.strip()!r} is no weight: write it as 2*shipped+lexicon"
            raise ModelMissing(f"model {spec}: {problem}")
        if not name.strip():
            raise ModelMissing(
                f"model {spec} has a part without a name: write it as shipped+lexicon"
            )
        members.append(Member(name.strip(), weight))

    if len({member.name for member in members}) < len(members):
        raise ModelMissing(f"model {spec} names a model twice: give it a weight, as in 2*shipped")
    return members
