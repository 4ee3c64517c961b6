"""A small model that can be asked about a company."""

from collections.abc import Sequence

from nlp.classifier import Question, Scores, Unclassifiable
from nlp.settings import ModelSettings

BAD = Scores(negative=0.875, neutral=0.125, positive=0.0, topics={}, severity=2.5)
NEUTRAL = Scores(negative=0.0, neutral=1.0, positive=0.0, topics={}, severity=0.25)
GOOD = Scores(negative=0.0, neutral=0.25, positive=0.75, topics={}, severity=0.0)


class AskedModel:
    """Reads "sinks" and "soars": in the whole text, or in the clause that names the company.

    It fails on any question about "Poison".

    Attributes:
        read: the texts of each call of ``classify``.
        asked: the questions of each call of ``classify_about``.
    """

    def __init__(self, model_id: str = "asked-1") -> None:
        self.model_id = model_id
        self.read: list[list[str]] = []
        self.asked: list[list[Question]] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score whole texts, each with a topic."""
        self.read.append(list(texts))
        topics = {"earnings": 0.75}
        return [_score(text)._replace(topics=topics, about=("earnings",)) for text in texts]

    def classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        """Score the clauses that name the subject."""
        self.asked.append(list(questions))
        if any(subject == "Poison" for _, subject in questions):
            raise Unclassifiable("not a distribution")
        return [
            _score("".join(clause for clause in text.split(";") if subject in clause))
            for text, subject in questions
        ]


def _score(text: str) -> Scores:
    return BAD if "sinks" in text else GOOD if "soars" in text else NEUTRAL


def load(_: ModelSettings) -> AskedModel:
    """Return the model, as a plug-in's factory does."""
    return AskedModel()
