"""Give the places in a text other names, so that a model learns what happens, not where."""

import random
import re
from typing import Final

from nlp.training.examples import Example

_COUNTRIES: Final = (
    "Argentina Australia Austria Belgium Brazil Britain Canada Chile China Colombia Denmark Egypt "
    "Finland France Germany Greece Hungary Iceland India Indonesia Ireland Israel Italy Japan "
    "Kenya Malaysia Mexico Morocco Netherlands Nigeria Norway Pakistan Peru Philippines Poland "
    "Portugal Romania Russia Singapore Spain Sweden Switzerland Taiwan Thailand Turkey Ukraine "
    "Venezuela Vietnam"
)
_CITIES: Final = (
    "Amsterdam Athens Atlanta Bangkok Barcelona Beijing Berlin Bogota Boston Brussels Cairo "
    "Chicago Copenhagen Dallas Delhi Denver Detroit Dublin Frankfurt Geneva Hamburg Helsinki "
    "Houston Istanbul Jakarta Johannesburg Karachi Lagos Lima Lisbon London Lyon Madrid Manila "
    "Melbourne Miami Milan Montreal Moscow Mumbai Munich Nairobi Osaka Oslo Paris Philadelphia "
    "Prague Rome Santiago Seattle Seoul Shanghai Stockholm Sydney Taipei Tokyo Toronto Vancouver "
    "Vienna Warsaw Wuhan Zurich"
)
_STATES: Final = (
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Florida Idaho Illinois "
    "Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota "
    "Mississippi Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee "
    "Texas Utah Vermont Virginia Wisconsin Wyoming"
)
_KINDS: Final = tuple(tuple(names.split()) for names in (_COUNTRIES, _CITIES, _STATES))
_ALIKE: Final = {name: names for names in _KINDS for name in names}
"""The places of the same kind, by place: a city is given the name of a city."""
_PLACE: Final = re.compile(r"\b(?:" + "|".join(_ALIKE) + r")\b")


def vary_places(examples: list[Example], share: float, seed: int) -> list[Example]:
    """Return the examples, with other places in ``share`` of those that name one.

    A place has one other name in a text. Texts whose subject has a place in its name stay.
    """
    dice = random.Random(seed)  # noqa: S311 - seeded on purpose
    return [
        example._replace(text=_elsewhere(example.text, dice))
        if not _PLACE.search(example.subject) and dice.random() < share
        else example
        for example in examples
    ]


def _elsewhere(text: str, dice: random.Random) -> str:
    found = dict.fromkeys(_PLACE.findall(text))
    others = {place: dice.choice(_ALIKE[place]) for place in found}
    return _PLACE.sub(lambda match: others[match[0]], text)
