"""Which topics a text carries."""

from typing import Final

from nlp.classifier import Scores, ShadowScores

FLOOR: Final = 0.5
"""What a topic has to score where the model has no thresholds of its own."""


def carried_topics(scores: Scores | ShadowScores) -> tuple[str, ...]:
    """The topics of ``scores.about``; of a model that leaves it empty, those likelier than not.

    >>> carried_topics(Scores(0.1, 0.8, 0.1, {"earnings": 0.7, "macro": 0.2}))
    ('earnings',)
    >>> carried_topics(Scores(0.1, 0.8, 0.1, {"earnings": 0.7, "macro": 0.2}, about=("macro",)))
    ('macro',)
    """
    return scores.about or tuple(name for name, score in scores.topics.items() if score >= FLOOR)
