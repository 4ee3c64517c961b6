"""The layout of a pipeline's topics: the partitions to which keys are assigned, and remembered.

A key's memory lies in the partition that the key had when it was written. So the number of
partitions is a fact about the records, not a setting. It is remembered in a *layout record*, by
which a worker notices that somebody changed a topic, and that a growth is under way.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Self

import orjson

LAYOUT_KEY: Final = b"layout"
"""The key of the layout record, in partition 0 of the topic of positions."""

EXPLAIN_IMPORT: Final = (
    "a backup is being imported into these topics: a worker can start when that has ended. If it "
    "was interrupted, run `newsquake state import` again with the same file"
)


class Layout(NamedTuple):
    """The content of a layout record; topics stand there by their full names.

    Attributes:
        partitions: The number of partitions that ``newsquake topics grow`` is told.
        counts: The partitions of each topic.
        keyed: The topics that must have exactly ``partitions``.
        used: The partitions to which keys are assigned, in topics that have more.
        growing_to: The number to which the topics are being grown; None if they are not.
        importing: The sum of the backup that is being imported; empty if none is.
    """

    partitions: int
    counts: Mapping[str, int]
    keyed: tuple[str, ...] = ()
    used: Mapping[str, int] = {}
    growing_to: int | None = None
    importing: str = ""

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Return the content of the layout record ``value``."""
        content = orjson.loads(value)
        return cls(**content | {"keyed": tuple(content["keyed"])})

    def to_bytes(self) -> bytes:
        """Return the value of a layout record."""
        fields = self._asdict()
        if not self.importing:
            del fields["importing"]  # earlier releases know no such field
        return orjson.dumps(fields)

    @property
    def obstacle(self) -> str | None:
        """The sentence that says why nobody may work by this layout now; None if all may."""
        if self.growing_to is not None:
            return explain_growth(self.growing_to)
        return EXPLAIN_IMPORT if self.importing else None

    @property
    def assigned(self) -> dict[str, int]:
        """The number of partitions to which keys are assigned, by topic."""
        return {**self.counts, **self.used}

    def agrees_with(self, other: "Layout") -> bool:
        """Return whether who writes by this layout may go on under the ``other``, later one.

        A later release may have added topics.
        """
        later = {topic: other.counts.get(topic) for topic in self.counts}
        return (other.obstacle, other.partitions, other.used, later) == (
            None,
            self.partitions,
            self.used,
            self.counts,
        )

    def differences(self, actual: Mapping[str, int]) -> dict[str, int]:
        """Return the ``actual`` number of partitions of the topics that have another."""
        return {
            topic: actual[topic]
            for topic, count in self.counts.items()
            if topic in actual and actual[topic] != count
        }

    def explain(self, actual: Mapping[str, int]) -> str:
        """Return the differences of ``actual`` and the command that brings all into line.

        >>> layout = Layout(2, {"news": 2, "state": 2, "out": 2}, keyed=("news", "state"))
        >>> layout.explain({"news": 3, "state": 2, "out": 2})
        'news has 3 partitions, not 2: ...'
        """
        changed = self.differences(actual)
        wanted = [count for topic, count in changed.items() if topic in self.keyed]
        sentence = "; ".join(
            f"{topic} has {count} partitions, not {self.counts[topic]}"
            for topic, count in changed.items()
        )
        return (
            f"{sentence}: its number was changed by others, and keys would part from their "
            f"memory; run `{grow_command(max(self.partitions, *wanted, 1))}`, which moves it"
        )


def grow_command(partitions: int) -> str:
    """Return the command line that grows the topics to ``partitions``."""
    return f"newsquake topics grow --partitions {partitions} --yes"


def explain_growth(partitions: int) -> str:
    """Return what a worker says while the topics are being grown."""
    return (
        f"the topics are being grown to {partitions} partitions: a worker can start again when "
        f"that has ended. If it was interrupted, run `{grow_command(partitions)}` again"
    )
