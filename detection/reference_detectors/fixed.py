"""The fixed threshold: so much in one bin, whoever it is."""


class Fixed:
    """The value itself.

    >>> fixed = Fixed()
    >>> [fixed.score(value) >= 10 for value in (3, 10, 2)]
    [False, True, False]
    """

    def score(self, value: float) -> float:
        """How alarming ``value`` is."""
        return value
