"""The messages about articles that have news: each with its scores, and signals of its subjects."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from agents.event_message import event_message
from agents.scoring.article_reader import ScoredText
from agents.scoring.deduplicate import NewArticle
from agents.scoring.revisions import News
from agents.scoring.scored_payload import scored_article, sentiment_fields, severity_of
from agents.scoring.subjects import Subject
from detection.stories.formulas import story_of
from nlp.classifier import Scores
from schemas.article import Article
from schemas.incoming import cloudevents
from schemas.sent_time import sent_header
from schemas.signal import Signal, lineage
from schemas.structs.codec import changed, struct_of
from streams.core.record import Message

Trace = Sequence[tuple[str, bytes]]
"""The header of the trace that a record belongs to, or none."""
_Signal: Final[type[Signal]] = struct_of(Signal)


class Told(msgspec.Struct, frozen=True, gc=False):
    """An article that has news.

    Attributes:
        new: The article, and the record that it came in.
        text: What its text says.
        scores: The scores of the text.
        news: What is new of it.
        model: The id of the model that gave the scores.
    """

    new: NewArticle
    text: ScoredText
    scores: Scores
    news: News
    model: str


def article_messages(told: Sequence[Told], scored: str, signals: str) -> list[Message]:
    """Return the messages to the topics ``scored`` and ``signals``.

    Each step is made for all articles before the next one is. A processor that makes all steps of
    one article at a time has forgotten their code when it comes to the next, and takes half as long
    again.
    """
    times = [cloudevents.time_text(each.new.article.published) for each in told]
    traces = [cloudevents.trace(each.new.record.headers) for each in told]
    return [
        *_scored_messages(told, times, traces, scored),
        *_signal_messages(told, times, traces, signals),
    ]


def _scored_messages(
    told: Sequence[Told], times: Sequence[bytes], traces: Sequence[Trace], topic: str
) -> Iterator[Message]:
    payloads = [
        scored_article(
            each.new.article,
            each.scores,
            tuple([subject.name for subject in each.news.subjects]),
            each.model,
            each.news.revision,
            each.text.about,
            degraded=bool(each.text.fallback),
        )
        for each in told
    ]
    for each, payload, time, trace in zip(told, payloads, times, traces, strict=True):
        new, revision = each.new, each.news.revision
        key = new.article.key
        yield event_message(
            topic,
            payload,
            key=key,
            event_id=f"{key}/{revision}/{new.said.record:08x}" if revision else key,
            time=time,
            extra=[sent_header(new.sent), *trace],
        )


def _signal_messages(
    told: Sequence[Told], times: Sequence[bytes], traces: Sequence[Trace], topic: str
) -> Iterator[Message]:
    rows = [row for row in zip(told, times, traces, strict=True) if row[0].news.subjects]
    articles = [each.new.article for each, *_ in rows]
    stories = [story_of(each.headline, each.published, each.companies) for each in articles]
    lineages = [lineage(each.new.record.headers, each.new.record.partition) for each, *_ in rows]
    for (each, time, trace), article, story, origin in zip(
        rows, articles, stories, lineages, strict=True
    ):
        subjects, answers = each.news.subjects, each.text.about
        whole = signal(article, each.scores, subjects[0], each.model, origin, story)
        # The detector counts by time, key and subject: another order would be called late.
        for subject in sorted(subjects) if len(subjects) > 1 else subjects:
            payload = about(whole, subject, answers.get(subject.name))
            yield event_message(
                topic,
                payload,
                key=payload.subject,
                event_id=f"{article.key}/{payload.subject}",
                time=time,
                extra=trace,
            )


def signal(  # noqa: PLR0913, PLR0917 - a signal has that many sources
    article: Article, scores: Scores, subject: Subject, model: str, lineage: str, story: int
) -> Signal:
    """Return an article's signal about one subject, with the sentiment of the whole text.

    ``story`` is the headline's fingerprint.
    """
    return _Signal(
        subject=subject.name,
        key=article.key,
        published=article.published,
        negative=float(scores.negative),
        neutral=float(scores.neutral),
        positive=float(scores.positive),
        headline=article.headline,
        source=article.source,
        model=model,
        relevance=subject.relevance,
        severity=severity_of(scores),
        story=story,
        lineage=lineage,
    )


def about(signal: Signal, subject: Subject, answer: Scores | None = None) -> Signal:
    """Return an article's signal about a subject, given one about another.

    Args:
        signal: A signal of the article.
        subject: What the result is about.
        answer: The model's answer to the question about it, if it was asked; else the result has
            the sentiment of the whole text.
    """
    if subject.name == signal.subject and answer is None:
        return signal
    if answer is None:
        return changed(signal, subject=subject.name, relevance=subject.relevance)
    return changed(
        signal,
        subject=subject.name,
        relevance=subject.relevance,
        severity=severity_of(answer),
        **sentiment_fields(answer),
    )
