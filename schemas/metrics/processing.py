"""Metrics of a running worker: name, labels and meaning of each.

The exporter adds the label ``agent`` to all of them. Renaming one breaks dashboards and alert
rules.
"""

from typing import Final, Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]


class Metric(NamedTuple):
    """A metric family of Prometheus, which appends ``_total`` to the name of a counter."""

    kind: Kind
    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds of a histogram's buckets."""


class Origin(NamedTuple):
    """The place of a record, for the log."""

    topic: str
    partition: int
    offset: int


class Sample(NamedTuple):
    """A value to add to a counter, to set a gauge to, or to observe in a histogram."""

    metric: Metric
    value: float = 1.0
    labels: tuple[str, ...] = ()
    """Values of the metric's own labels, in their order."""
    origin: Origin | None = None
    """The first of the records that are counted, where the log names it."""
    traces: tuple[str, ...] = ()
    """Ids of traces that they belong to, for the log."""


_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_RECORDS: Final = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0)

# Counted when the transaction that carries them commits, so that each record counts once.
RECORDS_IN: Final = Metric(
    "counter",
    "newsquake_records_in",
    "Records read and processed, including dead letters and duplicates",
)
RECORDS_OUT: Final = Metric(
    "counter", "newsquake_records_out", "Records written, not including dead letters", ("topic",)
)
DEAD_LETTERS: Final = Metric(
    "counter", "newsquake_dead_letters", "Records written to the dead-letter topic", ("reason",)
)
DUPLICATES: Final = Metric(
    "counter", "newsquake_duplicates", "Articles dropped because they were scored before"
)
REVISIONS: Final = Metric(
    "counter",
    "newsquake_revisions",
    "Articles scored before that were scored again: further companies, or a corrected headline",
    ("kind",),
)
UNREAD: Final = Metric(
    "counter",
    "newsquake_unread",
    "Articles that no model reads, by language; they are written to news.scored as unread, and "
    "count for no subject",
    ("language",),
)
LAST_RECORD: Final = Metric(
    "gauge",
    "newsquake_last_record_timestamp_seconds",
    "Timestamp of the last processed record",
)
ALERTS: Final = Metric(
    "counter", "newsquake_alerts", "Alert events written", ("status", "severity")
)
NOTIFICATIONS: Final = Metric(
    "counter",
    "newsquake_notifications",
    "Attempts to tell a route of alerts, by outcome: delivered, retry, or refused",
    ("route", "outcome"),
)
NOTICES_WAITING: Final = Metric(
    "gauge",
    "newsquake_notices_waiting",
    "Changes of alerts that a route is still to be told",
    ("route",),
)
LATE_SIGNALS: Final = Metric(
    "counter",
    "newsquake_late_signals",
    "Signals that arrived late: out_of_order ones were counted, not_counted ones were too late",
    ("kind",),
)
WATERMARK_DELAY: Final = Metric(
    "gauge",
    "newsquake_watermark_delay_seconds",
    "Event time between the newest signal and the watermark, up to which signals are counted",
)
SHADOW_COMPARED: Final = Metric(
    "counter", "newsquake_shadow_compared", "Articles scored by both the model and its shadow"
)
SHADOW_DISAGREEMENTS: Final = Metric(
    "counter",
    "newsquake_shadow_disagreements",
    "Compared articles for which the two models give different sentiments or topics",
    ("task",),
)
SHADOW_DIFFERENCE: Final = Metric(
    "counter",
    "newsquake_shadow_negative_difference",
    "Sum of the absolute differences between the two models' negative probabilities",
)
TEXTS_SCORED: Final = Metric(
    "counter",
    "newsquake_texts_scored",
    "Texts, and questions about companies in them, by what answered: the model, or the memory of "
    "what it answered lately",
    ("by",),
)
MODEL_SECONDS: Final = Metric(
    "histogram",
    "newsquake_model_seconds",
    "Seconds from handing a batch to the model until its scores, including time in the queue",
    buckets=_SECONDS,
)
DEGRADED: Final = Metric(
    "counter",
    "newsquake_degraded",
    "Articles that the fallback scored while the model was down",
)

# Counted when it happens.
CIRCUIT_STATE: Final = Metric(
    "gauge",
    "newsquake_circuit_state",
    "State of the model's circuit: 0 closed, 1 half-open (a probe is under way, or was answered "
    "and no article has been scored since), 2 open",
)
CIRCUIT_OPENED: Final = Metric(
    "counter",
    "newsquake_circuit_opened",
    "Times that the circuit opened because the model failed as a whole",
)
TRANSACTIONS: Final = Metric(
    "counter",
    "newsquake_transactions",
    "Kafka transactions by outcome; the worker ends after one that failed",
    ("outcome",),
)
RECORDS_LOST: Final = Metric(
    "counter",
    "newsquake_records_lost_to_retention",
    "Offsets that retention deleted before they were read",
    ("topic",),
)
POSITIONS_CORRECTED: Final = Metric(
    "counter",
    "newsquake_positions_corrected",
    "Positions that were not in the log: truncated, retention, or expired",
    ("reason",),
)
COMMIT_SECONDS: Final = Metric(
    "histogram",
    "newsquake_commit_seconds",
    "Duration of a Kafka transaction in seconds",
    buckets=_SECONDS,
)
COMMIT_PAUSE: Final = Metric(
    "gauge",
    "newsquake_commit_pause_seconds",
    "Pause between two transactions of a partition: as set, or longer while small ones take long",
)
BATCH_RECORDS: Final = Metric(
    "histogram", "newsquake_batch_records", "Records per call of the agent", buckets=_RECORDS
)
BATCH_SECONDS: Final = Metric(
    "histogram",
    "newsquake_batch_seconds",
    "Duration of a call of the agent in seconds",
    buckets=_SECONDS,
)
BUILD_INFO: Final = Metric(
    "gauge", "newsquake_build_info", "Always 1, labelled with what is running", ("version", "model")
)

# Counted by `newsquake source` and `newsquake serve ingest`.
SOURCE_POLLS: Final = Metric(
    "counter",
    "newsquake_source_polls",
    "Fetches of a feed or reads of a file: changed, unchanged, or the kind of failure",
    ("feed", "outcome"),
)
SOURCE_ITEMS: Final = Metric(
    "counter",
    "newsquake_source_items",
    "Items of a feed or folder: sent, corrected, or refused",
    ("feed", "outcome"),
)
SOURCE_FAILURES: Final = Metric(
    "gauge",
    "newsquake_source_failures",
    "Failures of a feed or folder in a row; 0 when the last fetch succeeded",
    ("feed",),
)
SOURCE_SUCCESS: Final = Metric(
    "gauge",
    "newsquake_source_last_success_timestamp_seconds",
    "Time of the last fetch that succeeded",
    ("feed",),
)
INTAKE_ARTICLES: Final = Metric(
    "counter",
    "newsquake_intake_articles",
    "Articles that came over HTTP: accepted, refused, or failed; refused ones with the reason",
    ("outcome", "reason"),
)
INTAKE_REQUESTS: Final = Metric(
    "counter",
    "newsquake_intake_requests",
    "Requests that came over HTTP; 429 to those that had to wait for Kafka",
    ("status",),
)
INTAKE_WAITING: Final = Metric(
    "gauge", "newsquake_intake_waiting", "Articles that came over HTTP and wait for Kafka"
)

METRICS: Final = tuple(each for each in list(globals().values()) if isinstance(each, Metric))
"""The metrics above; `schemas.metrics.condition` has the others."""
