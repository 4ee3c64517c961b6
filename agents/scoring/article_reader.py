"""Read articles by a model: what their texts say, and what they say of each company."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from agents.asking.guarded_model import ModelDown
from agents.asking.isolate_poison import Poison
from agents.asking.model_calls import AskedKey, Calls
from agents.scoring.deduplicate import NewArticle
from agents.scoring.subjects import MIN_ASKED_COMPANIES, companies, questions
from nlp.classifier import Classifier, Question, Scores, SubjectClassifier
from nlp.companies.finder import Company, CompanyFinder
from nlp.languages.router import DeclaredText, model_that_read
from schemas.article import Article


class ScoredText(NamedTuple):
    """The scores of an article's text, and the companies that it is about.

    Attributes:
        scores: the scores of the text; poison if the model fails on it, or on a question about it.
        companies: the companies that the producer gives, and those that were found.
        about: the answers to questions about companies, by subject, if any were asked.
        fallback: the id of the model that stood in for one that is down; empty if none did.
    """

    scores: Scores | Poison
    companies: list[Company]
    about: Mapping[str, Scores] = {}
    fallback: str = ""


class Reader(Protocol):
    """A way to read articles."""

    async def read(self, new: Sequence[NewArticle]) -> list[ScoredText]:
        """Return what the text of each article says.

        Raises:
            ModelDown: No model can read now.
        """
        ...


class ArticleReader:
    """Asks a model about the texts of articles, and about their companies if it can be asked."""

    def __init__(self, classifier: Classifier, finder: CompanyFinder | None, calls: Calls) -> None:
        """Store the model, the way to ask it, and the finder of companies, if there is one."""
        self._classifier = classifier
        self._finder = finder
        self._calls = calls
        self._ask = classifier.classify_about if isinstance(classifier, SubjectClassifier) else None

    async def read(self, new: Sequence[NewArticle]) -> list[ScoredText]:
        """Read the articles; articles with the same text are one text for the model."""
        articles = [new_article.article for new_article in new]
        texts = [(article_text(article), article.language, "") for article in articles]
        scores, subjects = await asyncio.gather(
            self._calls.answers([(text, text[0]) for text in texts], self._classifier.classify),
            asyncio.to_thread(lambda: [companies(article, self._finder) for article in articles]),
        )
        scored = [
            ScoredText(scores[text], named) for text, named in zip(texts, subjects, strict=True)
        ]
        return scored if self._ask is None else await self._ask_about(texts, scored, self._ask)

    async def _ask_about(
        self,
        texts: Sequence[AskedKey],
        scored: Sequence[ScoredText],
        ask: Callable[[Sequence[Question]], list[Scores]],
    ) -> list[ScoredText]:
        """Add what each text says about each of its companies, if it names several."""
        by_text = [
            self._questions(text[0], answer) for text, answer in zip(texts, scored, strict=True)
        ]
        asked = [
            ((*text[:2], question.subject), question)
            for text, by_subject in zip(texts, by_text, strict=True)
            for question in by_subject.values()
        ]
        answers = await self._calls.answers(asked, ask)
        return [
            _with_answers(
                answer,
                {
                    subject: answers[*text[:2], question.subject]
                    for subject, question in by_subject.items()
                },
            )
            if by_subject
            else answer
            for text, answer, by_subject in zip(texts, scored, by_text, strict=True)
        ]

    def _questions(self, text: str, scored: ScoredText) -> Mapping[str, Question]:
        """Return the questions about a text; none if the model that read it can't be asked."""
        scores = scored.scores
        if len(scored.companies) < MIN_ASKED_COMPANIES or isinstance(scores, Poison):
            return {}
        model = model_that_read(self._classifier, scores)
        return questions(text, scored.companies) if isinstance(model, SubjectClassifier) else {}


class DegradedReader:
    """Reads articles by the usual model, and by another one while that is down."""

    def __init__(self, usual: Reader, fallback: Reader, model_id: str) -> None:
        """Store both. ``model_id`` is that of the fallback."""
        self._usual = usual
        self._fallback = fallback
        self._model_id = model_id

    async def read(self, new: Sequence[NewArticle]) -> list[ScoredText]:
        """Return what the text of each article says; ``fallback`` marks what is degraded."""
        try:
            return await self._usual.read(new)
        except ModelDown:
            scored = await self._fallback.read(new)
        return [text._replace(fallback=self._model_id) for text in scored]


def _with_answers(scored: ScoredText, answers: Mapping[str, Scores | Poison]) -> ScoredText:
    """Return a text with the answers about it; poison if the model fails on one of them."""
    about: dict[str, Scores] = {}
    for subject, answer in answers.items():
        if isinstance(answer, Poison):
            return ScoredText(answer, scored.companies)
        about[subject] = answer
    return scored._replace(about=about)


def article_text(article: Article) -> str:
    """Return headline and summary as sentences on one line, which is what models read.

    The text knows the language that the producer says, if any.

    >>> from datetime import UTC, datetime
    >>> news = Article(key="k", source="s", headline="Profit falls", published=datetime.now(UTC))
    >>> article_text(news), article_text(news.model_copy(update={"summary": "Costs rose."}))
    ('Profit falls', 'Profit falls. Costs rose.')
    """
    text = f"{article.headline}. {article.summary}" if article.summary else article.headline
    return DeclaredText(text, article.language) if article.language else text
