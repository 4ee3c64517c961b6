"""Run Newsquake's agents in quixstreams; arguments BOOTSTRAP PREFIX GROUP COMMIT_INTERVAL.

Schemas, identity, model, topics and detector are Newsquake's, and commits are exactly once. But the
pipeline does less: there are no dead letters, duplicates are remembered for ever, and signals are
not sorted by event time. State in quixstreams belongs to one key, so each subject has a detector of
its own, without other subjects to compare with, whose time stands still without signals. The
detectors stay in memory and are only written to the state; this favours the pipeline, which would
otherwise parse the state for each signal.
"""

import sys
from typing import Any

from quixstreams import Application
from quixstreams.dataframe import StreamingDataFrame
from quixstreams.models import SerializationContext, Serializer, Topic
from quixstreams.state import State as KeyState

from detection.population import Population
from detection.rule import Rule
from detection.stories.simhash import fingerprint
from nlp.null import NullClassifier
from schemas.alert import Alert
from schemas.article import Article
from schemas.channels import ACCEPTED, ALERTS, EVENT_SOURCE, RAW, SCORED, SIGNALS, Channel
from schemas.incoming import cloudevents
from schemas.incoming.decode import decode
from schemas.scored import ScoredArticle, Sentiment
from schemas.signal import Signal
from schemas.wire import Wire

State = KeyState[str, Any]

MODEL = NullClassifier()
RULE = Rule()
WATCHED: dict[str, Population] = {}


class WireSerializer(Serializer):
    """Serializes a wire model as its JSON."""

    def __call__(self, value: Wire, ctx: SerializationContext) -> bytes:  # noqa: ARG002 - the library passes it
        """See ``Wire.to_bytes``."""
        return value.to_bytes()


def ingest(value: bytes, _key: Any, _timestamp: int, headers: Any) -> Article:
    """Return the article in a raw record."""
    return decode(value, headers or ())


def score(value: bytes, _key: Any, _timestamp: int, _headers: Any, state: State) -> Any:
    """Return the scored article, or None for a duplicate."""
    article = Article.from_bytes(value)
    if state.exists("seen"):
        return None
    state.set("seen", 1)
    scores = MODEL.classify([article.headline])[0]
    companies = (f"company:{company}" for company in article.companies)
    return ScoredArticle(
        article=article,
        sentiment=Sentiment(
            negative=scores.negative, neutral=scores.neutral, positive=scores.positive
        ),
        topics=dict(scores.topics),
        subjects=(*(f"topic:{topic}" for topic in scores.topics), *companies),
        model=MODEL.model_id,
    )


def signals(scored: ScoredArticle) -> list[Signal]:
    """Return one signal for each subject."""
    article = scored.article
    story = fingerprint(article.headline)
    return [
        Signal(
            subject=subject,
            key=article.key,
            published=article.published,
            **scored.sentiment.model_dump(),
            headline=article.headline,
            source=article.source,
            model=scored.model,
            story=story,
        )
        for subject in scored.subjects
    ]


def detect(value: bytes, _key: Any, _timestamp: int, _headers: Any, state: State) -> list[Alert]:
    """Count a signal, and return the alerts that it raises or changes."""
    signal = Signal.from_bytes(value)
    population = WATCHED.get(signal.subject)
    if population is None:
        population = WATCHED[signal.subject] = _restore(state)
    alerts = population.count(signal)
    for name, entry in population.changes():
        _write(state, name, entry)
    return alerts


def _restore(state: State) -> Population:
    names: list[str] = state.get("names") or []
    entries = ((name, state.get_bytes(name)) for name in names)
    return Population.rebuilt(RULE, [(name, entry) for name, entry in entries if entry])


def _write(state: State, name: str, entry: bytes | None) -> None:
    if entry is None:
        state.delete(name)
        return
    if not state.exists(name):
        state.set("names", [*(state.get("names") or []), name])
    state.set_bytes(name, entry)


def with_headers(frame: StreamingDataFrame, channel: Channel, name: Any) -> StreamingDataFrame:
    """Return ``frame`` with CloudEvents attributes; ``name`` returns the id and time of a value."""
    return frame.set_headers(
        lambda value, *_: cloudevents.headers(
            name(value)[0], EVENT_SOURCE, channel.event_type or "", name(value)[1]
        )
    )


def build(app: Application, prefix: str) -> None:
    """Add three data frames to ``app``."""

    def topic(channel: Channel) -> Topic:
        return app.topic(
            prefix + channel.topic, value_deserializer="bytes", value_serializer=WireSerializer()
        )

    accepted, signal_topic = topic(ACCEPTED), topic(SIGNALS)
    frame = app.dataframe(topic(RAW)).apply(ingest, metadata=True)
    frame = with_headers(frame, ACCEPTED, lambda article: (article.key, article.published))
    frame.to_topic(accepted, key=lambda article: article.key.encode())

    frame = app.dataframe(accepted).apply(score, stateful=True, metadata=True)
    frame = frame.filter(lambda scored: scored is not None)
    frame = with_headers(
        frame, SCORED, lambda scored: (scored.article.key, scored.article.published)
    )
    frame = frame.to_topic(topic(SCORED), key=lambda scored: scored.article.key.encode())
    frame = frame.apply(signals, expand=True)
    frame = with_headers(
        frame, SIGNALS, lambda signal: (f"{signal.key}:{signal.subject}", signal.published)
    )
    frame.to_topic(signal_topic, key=lambda signal: signal.subject.encode())

    frame = app.dataframe(signal_topic).apply(detect, stateful=True, metadata=True, expand=True)
    frame = with_headers(
        frame, ALERTS, lambda alert: (f"{alert.id}:{alert.status}", alert.detected_at)
    )
    frame.to_topic(topic(ALERTS), key=lambda alert: alert.subject.encode())


def main(bootstrap: str, prefix: str, group: str, commit_interval: str) -> None:
    """Run until SIGTERM; state goes to the working directory."""
    app = Application(
        bootstrap,
        consumer_group=group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=float(commit_interval),
        loglevel="WARNING",
    )
    build(app, prefix)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
