"""Fixed threshold: an alarm at a certain value, the same for every series."""


class Fixed:
    """Detector whose score is the value itself.

    >>> fixed = Fixed()
    >>> [fixed.score(value) >= 10 for value in (3, 10, 2)]
    [False, True, False]
    """

    def score(self, value: float) -> float:
        """Return ``value`` itself."""
        return value
