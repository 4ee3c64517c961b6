"""Ask a model about texts, and about companies that they name."""

from collections.abc import Sequence

from nlp.classifier import Classifier, Question, Scores, SubjectClassifier


def ask(model: Classifier, texts: Sequence[str], subjects: Sequence[str]) -> list[Scores]:
    """Return a model's scores of each text: about its subject if there is one, and the model can.

    Args:
        model: The model.
        texts: The texts; equal ones are asked once.
        subjects: The name of a company for each text; empty for the whole text.
    """
    different = list(dict.fromkeys(texts))
    by_text = dict(zip(different, model.classify(different), strict=True))
    scores = [by_text[text] for text in texts]
    if isinstance(model, SubjectClassifier):
        indices = [index for index, subject in enumerate(subjects) if subject]
        questions = [Question(texts[index], subjects[index]) for index in indices]
        for index, answer in zip(indices, model.classify_about(questions), strict=True):
            scores[index] = answer
    return scores
