"""The fixed threshold: so much in one bin, whoever it is."""


class Fixed:
    """Alarmed by ``threshold`` or more in one bin.

    >>> fixed = Fixed(threshold=10)
    >>> [fixed.step(value) for value in (3, 10, 2)]
    [False, True, False]
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def step(self, value: float) -> bool:
        """Whether ``value`` is alarming."""
        return value >= self._threshold
