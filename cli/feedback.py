"""Corrections as Kafka has them, and the texts of the articles that they are about."""

from collections.abc import AsyncIterator, Sequence

from agents.scoring.model_prefetch import article_text
from nlp.continual.corrections import Correction, known
from nlp.labelled_rows import BadRows
from schemas.channels import FEEDBACK, SCORED
from schemas.feedback import Feedback
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle
from streams.core.record import Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, verify_topics


async def corrections(cluster: Cluster) -> list[Correction]:
    """The last correction of each article in `news.feedback`, from its beginning to its end now.

    Raises:
        Misconfigured: there is no broker, or no such topic.
        BadRows: there are none, or one that counts can't be used; it says which.
        KafkaError: the broker went away.
    """
    topic = cluster.topic(FEEDBACK.topic)
    await verify_topics(cluster, [Topic(topic, {})])
    last = {record.key: record async for record in _records(cluster, topic)}
    found = [_correction(record) for record in last.values() if record.value is not None]
    if not found:
        raise BadRows(f"{topic} has no corrections")
    return found


async def with_texts(cluster: Cluster, found: Sequence[Correction]) -> list[Correction]:
    """``found`` with the texts of `news.scored` where they have none; without those not there.

    Raises:
        Misconfigured: there is no broker, or no such topic.
        KafkaError: the broker went away.
    """
    keys = {one.said.key for one in found if one.said.text is None}
    texts = await _texts(cluster, {key for key in keys if key}) if keys else {}
    asked = [(one, one.said.text or texts.get(one.said.key or "")) for one in found]
    return [
        one._replace(said=one.said.model_copy(update={"text": words}))
        for one, words in asked
        if words
    ]


async def _texts(cluster: Cluster, keys: set[str]) -> dict[str, str]:
    topic = cluster.topic(SCORED.topic)
    await verify_topics(cluster, [Topic(topic, {})])
    records = {
        key: record
        async for record in _records(cluster, topic)
        if (key := _key(record)) in keys and record.value is not None
    }
    return {
        key: article_text(ScoredArticle.from_bytes(it.value).article) for key, it in records.items()
    }


async def _records(cluster: Cluster, topic: str) -> AsyncIterator[Record]:
    log = KafkaLog(cluster)
    for partition in range(cluster.partitions):
        async for records in log.scan(TopicPartition(topic, partition)):
            for record in records:
                yield record


def _correction(record: Record) -> Correction:
    place = f"{record.topic}/{record.partition}@{record.offset} (key {_key(record)})"
    try:
        said = Feedback.from_bytes(record.value)
    except Refusal as error:
        raise BadRows(f"{place}: {error}; or send one without a value, to take it back") from None
    return known(Correction(said.model_copy(update={"key": _key(record)}), place))


def _key(record: Record) -> str:
    return (record.key or b"").decode("utf-8", "replace")
