"""Every topic that Newsquake reads or writes: its key, its payload, its writers and readers.

`agents.pipeline.AGENTS` says which agent reads and writes which channel; a test compares the two,
because this room must not import that one.
"""

from typing import Final, NamedTuple

from schemas.alert import Alert
from schemas.article import Article
from schemas.feedback import Feedback
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from schemas.silence import Silence
from schemas.wire import EventPayload, Wire


class Channel(NamedTuple):
    """One topic, named without the configurable prefix."""

    topic: str
    summary: str
    key: str
    payload: type[Wire] | None = None
    """None: bytes whose form is a producer's or an agent's own."""
    writers: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    cleanup: tuple[str, ...] = ("delete",)
    per_market: bool = False
    """Whether the topic has `kafka.signal_partitions` partitions: each is one market."""
    single: bool = False
    """Whether the topic has one partition, whatever the settings say."""

    @property
    def event_type(self) -> str | None:
        """The `ce_type` of the records that we write there, in major version 1."""
        payload = self.payload
        return payload.event_type if payload and issubclass(payload, EventPayload) else None


RAW: Final = Channel(
    "news.raw",
    "Articles as producers send them: JSON, or CloudEvents in binary or structured mode",
    key="Any, also none",
    readers=("ingest",),
)
ACCEPTED: Final = Channel(
    "news.accepted",
    "Validated articles",
    key="Idempotency key",
    payload=Article,
    writers=("ingest",),
    readers=("score",),
)
SCORED: Final = Channel(
    "news.scored",
    "Articles with sentiment, topics and subjects, for consumers",
    key="Idempotency key",
    payload=ScoredArticle,
    writers=("score",),
)
SIGNALS: Final = Channel(
    "news.signals",
    "One small signal for each article and subject",
    key="Subject, such as topic:earnings or company:AAPL",
    payload=Signal,
    writers=("score",),
    readers=("detect",),
    per_market=True,
)
ALERTS: Final = Channel(
    "alerts",
    "Alerts when a subject's news turns negative, and when it is back to normal",
    key="Subject, such as topic:earnings or company:AAPL",
    payload=Alert,
    writers=("detect",),
    readers=("notify",),
)
DEAD: Final = Channel(
    "news.dead",
    "Records that were set aside, byte for byte, with the reason in the headers",
    key="Key of the original record",
    writers=("ingest", "score", "detect", "notify"),
)
FEEDBACK: Final = Channel(
    "news.feedback",
    "What people say articles should have been scored as; `newsquake adapt` learns from it",
    key="Idempotency key of the article; its last correction counts, one without a value takes it"
    " back",
    payload=Feedback,
    readers=("adapt",),
    cleanup=("compact",),
)
SILENCES: Final = Channel(
    "news.silences",
    "What people silenced and acknowledged: `newsquake silence`, `newsquake ack`",
    key="Id of the silence; its last record counts",
    payload=Silence,
    writers=("silence",),
    readers=("detect", "notify"),
    cleanup=("compact",),
    single=True,
)
STATE_SCORE: Final = Channel(
    "state.score",
    "Changelog of `score`, for that agent alone",
    key="Idempotency key",
    writers=("score",),
    readers=("score",),
    cleanup=("compact", "delete"),
)
STATE_DETECT: Final = Channel(
    "state.detect",
    "Changelog of `detect`, for that agent alone",
    key="Kind and name of an entry, such as d|subject|company:AAPL",
    writers=("detect",),
    readers=("detect",),
    cleanup=("compact",),
    per_market=True,
)
STATE_NOTIFY: Final = Channel(
    "state.notify",
    "Changelog of `notify`, for that agent alone: what each route is still to be told, and knows",
    key="Subject, such as topic:earnings or company:AAPL",
    writers=("notify",),
    readers=("notify",),
    cleanup=("compact",),
)
STATE_POSITIONS: Final = Channel(
    "state.positions",
    "Position of each agent in each partition that it reads, and the numbers of partitions, for "
    "the agents alone",
    key="Consumer group, topic and partition, such as newsquake-score|news.accepted|3; or layout",
    writers=DEAD.writers,
    readers=DEAD.writers,
    cleanup=("compact",),
)
STATE_SOURCES: Final = Channel(
    "state.sources",
    "What `newsquake source` has sent of each feed and folder, for that command alone",
    key="Feed or folder, and an item of it",
    writers=("source",),
    readers=("source",),
    cleanup=("compact",),
    single=True,
)
STATE_REPLAYS: Final = Channel(
    "state.replays",
    "Which dead letters were replayed, for `newsquake dlq` alone",
    key="Partition and offset of the dead letter, such as 3@41",
    writers=("dlq",),
    readers=("dlq",),
    cleanup=("compact",),
    single=True,
)

CHANNELS: Final = (
    RAW,
    ACCEPTED,
    SCORED,
    SIGNALS,
    ALERTS,
    DEAD,
    FEEDBACK,
    SILENCES,
    STATE_SCORE,
    STATE_DETECT,
    STATE_NOTIFY,
    STATE_POSITIONS,
    STATE_SOURCES,
    STATE_REPLAYS,
)
EVENT_SOURCE: Final = "newsquake"
"""The `ce_source` of what we write; with the `ce_id` it identifies an event."""
