"""News that brings news: a Hawkes process."""

import numpy as np
from numpy.typing import NDArray

BRANCHING, MEMORY = 0.4, 6.0
"""Each headline brings 0.4 more on average, exponentially within 6 hours."""


def excited(
    hours: NDArray[np.float64], end: float, dice: np.random.Generator
) -> NDArray[np.float64]:
    """Return the hours of a Hawkes process, drawn generation by generation."""
    generations, parents = [hours], hours
    while len(parents):
        parents = np.repeat(parents, dice.poisson(BRANCHING, len(parents)))
        parents = parents + dice.exponential(MEMORY, len(parents))
        parents = parents[parents < end]
        generations.append(parents)
    return np.sort(np.concatenate(generations))
