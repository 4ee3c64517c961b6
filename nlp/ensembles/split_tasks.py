"""One model for the sentiment and another for the topics."""

from collections.abc import Callable, Sequence

from nlp.classifier import Classifier, Question, Scores, SubjectClassifier

Answer = Callable[[Sequence[Question]], list[Scores]]


class SplitTasks:
    """The scores of ``sentiment``, with the topics of ``topics`` in place of its own.

    Questions go to ``sentiment``, if it answers any; the answers have no topics.
    """

    def __init__(self, sentiment: Classifier, topics: Classifier) -> None:
        self._sentiment = sentiment
        self._topics = topics
        self.model_id = f"{sentiment.model_id};topics={topics.model_id}"
        if isinstance(sentiment, SubjectClassifier):
            answer = sentiment.classify_about
            self.classify_about: Answer = lambda questions: _without_topics(answer(questions))

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text with both models. A text that one of them refuses is refused."""
        sentiments = self._sentiment.classify(texts)
        topics = self._topics.classify(texts)
        return [
            scores._replace(topics=other.topics, about=other.about)
            for scores, other in zip(sentiments, topics, strict=True)
        ]


def _without_topics(answers: Sequence[Scores]) -> list[Scores]:
    return [scores._replace(topics={}, about=()) for scores in answers]
