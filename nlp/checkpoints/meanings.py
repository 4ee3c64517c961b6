"""What the labels of other people's checkpoints mean: what the settings say, or their names."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from nlp.classifier import LabelsUnknown

_NUMBERED: Final = re.compile(r"label_\d+|\d+", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\W_]+")


def refuse_strangers(labels: Sequence[str], given: Mapping[str, str], setting: str) -> None:
    """Check that a map's keys are labels of the checkpoint that it is for.

    Raises:
        LabelsUnknown: one is not; left alone it would hide a typo.
    """
    strangers = [label for label in given if label not in labels]
    if strangers:
        raise LabelsUnknown(
            f"{setting} gives a meaning to {', '.join(strangers)}, which the checkpoint does not "
            f"have: its labels are {', '.join(labels)}; of several checkpoints, name the one "
            "that a label belongs to, as in MODEL:LABEL"
        )


def topics(labels: Sequence[str], given: Mapping[str, str]) -> list[str]:
    """For each label its topic, empty for none.

    ``given`` counts before the label's own name, whose words are joined with hyphens.

    Raises:
        LabelsUnknown: a label says nothing, as LABEL_0; ``given`` has others; or no topic is left.

    >>> topics(["Fed | Central Banks", "LABEL_1", "Other"], {"LABEL_1": "ipo", "Other": ""})
    ['fed-central-banks', 'ipo', '']
    """
    refuse_strangers(labels, given, "nlp.topic_labels")
    silent = [label for label in labels if label not in given and not _slug(label)]
    found = [given.get(label, _slug(label)) for label in labels]
    if silent or not any(found) or len(labels) == 1:
        raise LabelsUnknown(
            f"labels {', '.join(labels)} do not say which topics they are: name them in the "
            'setting nlp.topic_labels, such as {"LABEL_0": "earnings", "LABEL_1": ""}'
        )
    return found


def _slug(label: str) -> str:
    return "" if _NUMBERED.fullmatch(label) else _BETWEEN.sub("-", label.lower()).strip("-")
