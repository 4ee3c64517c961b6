"""Models as they are named in one setting: ``shipped``, ``shipped+lexicon``, ``2*shipped+null``."""

from math import isfinite
from pathlib import Path
from typing import NamedTuple

from nlp.classifier import ModelMissing


class Member(NamedTuple):
    """A model and how much it counts beside the others."""

    name: str
    weight: float = 1.0


def members(named: str) -> list[Member]:
    """The models that ``named`` names.

    A folder counts before the syntax, so its name may have a plus sign.

    Raises:
        ModelMissing: a name is empty or there twice, or a weight is not a positive number.

    >>> members("2*shipped + lexicon")
    [Member(name='shipped', weight=2.0), Member(name='lexicon', weight=1.0)]
    """
    if Path(named).is_dir():
        return [Member(named)]
    found = [_member(part.strip(), named) for part in named.split("+")]
    if len({member.name for member in found}) < len(found):
        raise ModelMissing(f"model {named} names a model twice: give it a weight, as in 2*shipped")
    return found


def _member(part: str, named: str) -> Member:
    weight, star, name = part.partition("*")
    member = Member(name.strip(), _weight(weight, named)) if star else Member(part)
    if not member.name:
        raise ModelMissing(f"model {named} has a part without a name: write it as shipped+lexicon")
    return member


def _weight(text: str, named: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not isfinite(weight) or weight <= 0.0:
        raise ModelMissing(
            f"model {named}: {text.strip()!r} is no weight: write it as 2*shipped+lexicon"
        )
    return weight
