"""Read corrections from Kafka, and the texts of the articles that they are about."""

from collections.abc import Sequence

from agents.scoring.article_reader import article_text
from cli.io.topic_scan import scan_topic
from nlp.continual.corrections import Correction, require_known_topic
from nlp.labelled_rows import BadRows
from schemas.channels import FEEDBACK, SCORED
from schemas.feedback import Feedback
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle
from streams.core.record import Record
from streams.kafka.cluster import Cluster


async def latest_corrections(cluster: Cluster) -> list[Correction]:
    """Return the last correction of each article in `news.feedback`, up to its present end.

    Raises:
        Misconfigured: there is no broker, it went away, or there is no such topic.
        BadRows: there are no corrections, or one of them can't be used; it says which.
    """
    topic = cluster.topic(FEEDBACK.topic)
    latest = {record.key: record async for record in scan_topic(cluster, topic)}
    corrections: list[Correction] = []
    for record in latest.values():
        if record.value is None:
            continue
        key = _key(record)
        source = f"{record.topic}/{record.partition}@{record.offset} (key {key})"
        try:
            feedback = Feedback.from_bytes(record.value).model_copy(update={"key": key})
        except Refusal as error:
            raise BadRows(
                f"{source}: {error}; send a record without a value under this key to withdraw it"
            ) from None
        corrections.append(require_known_topic(Correction(feedback, source)))
    if not corrections:
        raise BadRows(f"{topic} has no corrections")
    return corrections


async def add_texts(cluster: Cluster, corrections: Sequence[Correction]) -> list[Correction]:
    """Return ``corrections`` with the texts of `news.scored` for those that have none.

    Corrections of articles that are not in the topic are left out, and those of articles in another
    language than the model's, from which it would learn nothing but confusion.

    Raises:
        Misconfigured: there is no broker, it went away, or there is no such topic.
    """
    keys = {
        correction.feedback.key
        for correction in corrections
        if correction.feedback.text is None and correction.feedback.key
    }
    texts = await _article_texts(cluster, keys) if keys else {}
    complete = []
    for correction in corrections:
        feedback = correction.feedback
        if text := feedback.text or texts.get(feedback.key or ""):
            complete.append(
                correction._replace(feedback=feedback.model_copy(update={"text": text}))
            )
    return complete


async def _article_texts(cluster: Cluster, keys: set[str]) -> dict[str, str]:
    """Return the text of each article in `news.scored` that has one of ``keys``."""
    latest = {
        key: record
        async for record in scan_topic(cluster, cluster.topic(SCORED.topic))
        if (key := _key(record)) in keys and record.value is not None
    }
    articles = {key: ScoredArticle.from_bytes(record.value) for key, record in latest.items()}
    return {
        key: str(article_text(scored.article))
        for key, scored in articles.items()
        if scored.language is None
    }


def _key(record: Record) -> str:
    return (record.key or b"").decode("utf-8", "replace")
