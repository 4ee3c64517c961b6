"""Every topic that Newsquake reads or writes: its key, its payload, and the stages at both ends."""

from typing import Final, NamedTuple

from schemas.alert import Alert
from schemas.article import Article
from schemas.feedback import Feedback
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from schemas.wire import Wire


class Channel(NamedTuple):
    """One topic, named without the configurable prefix."""

    topic: str
    summary: str
    key: str
    payload: type[Wire] | None
    """None: bytes whose form is not ours to fix, a producer's or a stage's own."""
    event_type: str | None
    """The `ce_type` of what we write there."""
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    cleanup: tuple[str, ...] = ("delete",)


RAW: Final = Channel(
    "news.raw",
    "Articles as producers send them: JSON, or CloudEvents in binary or structured mode",
    "Any, also none",
    None,
    None,
    (),
    ("ingest",),
)
ACCEPTED: Final = Channel(
    "news.accepted",
    "Validated articles",
    "Idempotency key",
    Article,
    "newsquake.article.accepted",
    ("ingest",),
    ("score",),
)
SCORED: Final = Channel(
    "news.scored",
    "Articles with sentiment, topics and subjects, for consumers",
    "Idempotency key",
    ScoredArticle,
    "newsquake.article.scored",
    ("score",),
    (),
)
SIGNALS: Final = Channel(
    "news.signals",
    "One small signal for each article and subject",
    "Subject, such as topic:earnings or company:AAPL",
    Signal,
    "newsquake.signal",
    ("score",),
    ("detect",),
)
ALERTS: Final = Channel(
    "alerts",
    "Alerts when a subject's news turns negative, and when it is back to normal",
    "Subject, such as topic:earnings or company:AAPL",
    Alert,
    "newsquake.alert",
    ("detect",),
    ("notify",),
)
DEAD: Final = Channel(
    "news.dead",
    "Records that were set aside, byte for byte, with the reason in the headers",
    "Key of the original record",
    None,
    None,
    ("ingest", "score", "detect"),
    ("replay",),
)
FEEDBACK: Final = Channel(
    "news.feedback",
    "What people say articles should have been scored as; `newsquake adapt` learns from it",
    "Idempotency key of the article; its last correction counts, one without a value takes it back",
    Feedback,
    None,
    (),
    ("adapt",),
    ("compact",),
)
STATE_SCORE: Final = Channel(
    "state.score",
    "Changelog of the scoring stage's memory, for that stage alone",
    "Idempotency key",
    None,
    None,
    ("score",),
    ("score",),
    ("compact", "delete"),
)
STATE_DETECT: Final = Channel(
    "state.detect",
    "Changelog of the detector's memory, for that stage alone",
    "Kind and name of an entry, such as d|subject|company:AAPL",
    None,
    None,
    ("detect",),
    ("detect",),
    ("compact",),
)
STATE_POSITIONS: Final = Channel(
    "state.positions",
    "Position of each stage in each partition that it reads, for the stages alone",
    "Consumer group, topic and partition, such as newsquake-score|news.accepted|3",
    None,
    None,
    ("ingest", "score", "detect"),
    ("ingest", "score", "detect"),
    ("compact",),
)

CHANNELS: Final = (
    RAW,
    ACCEPTED,
    SCORED,
    SIGNALS,
    ALERTS,
    DEAD,
    FEEDBACK,
    STATE_SCORE,
    STATE_DETECT,
    STATE_POSITIONS,
)
EVENT_SOURCE: Final = "newsquake"
"""The `ce_source` of what we write; with the `ce_id` it names an event once and for all."""
