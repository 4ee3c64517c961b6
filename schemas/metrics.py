"""Every number that a running worker tells about itself: its name, its labels, what it means.

Each has the label ``stage`` besides its own. Renaming one breaks dashboards and alert rules.
"""

from typing import Final, Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]


class Metric(NamedTuple):
    """A family of numbers, as Prometheus has them; counters get ``_total`` behind their name."""

    kind: Kind
    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


class Sample(NamedTuple):
    """What happened: added to a counter, put in a gauge, or observed by a histogram."""

    metric: Metric
    value: float = 1.0
    labels: tuple[str, ...] = ()


_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_RECORDS: Final = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0)

# Counted once the transaction that carries them is committed: each record once, whatever fails.
RECORDS_IN: Final = Metric(
    "counter", "newsquake_records_in", "Records read and dealt with, dead ones and copies too"
)
RECORDS_OUT: Final = Metric(
    "counter", "newsquake_records_out", "Records written, dead letters not among them", ("topic",)
)
DEAD_LETTERS: Final = Metric(
    "counter", "newsquake_dead_letters", "Records set aside, by the code of the reason", ("reason",)
)
DUPLICATES: Final = Metric(
    "counter", "newsquake_duplicates", "Copies of articles that were dropped"
)
LAST_RECORD: Final = Metric(
    "gauge",
    "newsquake_last_record_timestamp_seconds",
    "Unix time at which the record that was dealt with last had been sent",
)
ALERTS: Final = Metric("counter", "newsquake_alerts", "Alerts told", ("status", "severity"))
LATE_SIGNALS: Final = Metric(
    "counter",
    "newsquake_late_signals",
    "Signals that came late: out_of_order were counted where they belong, not_counted were not",
    ("kind",),
)
WATERMARK_DELAY: Final = Metric(
    "gauge",
    "newsquake_watermark_delay_seconds",
    "Event time between the newest signal and that up to which signals are counted",
)
SHADOW_COMPARED: Final = Metric(
    "counter", "newsquake_shadow_compared", "Articles that both models scored"
)
SHADOW_DISAGREEMENTS: Final = Metric(
    "counter",
    "newsquake_shadow_disagreements",
    "Of these, those of which the models say another sentiment, or other topics",
    ("task",),
)
SHADOW_DIFFERENCE: Final = Metric(
    "counter",
    "newsquake_shadow_negative_difference",
    "Sum of how far the two probabilities of a negative article are apart: divide by compared",
)

# Counted when it happens.
TRANSACTIONS: Final = Metric(
    "counter",
    "newsquake_transactions",
    "Transactions by how they ended: after one that failed, the worker ends too",
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
    "histogram", "newsquake_commit_seconds", "Time that a transaction took", buckets=_SECONDS
)
BATCH_RECORDS: Final = Metric(
    "histogram", "newsquake_batch_records", "Records decided about at a time", buckets=_RECORDS
)
BATCH_SECONDS: Final = Metric(
    "histogram", "newsquake_batch_seconds", "Time until they were decided about", buckets=_SECONDS
)
MODEL_SECONDS: Final = Metric(
    "histogram",
    "newsquake_model_seconds",
    "Time that the model had a batch, waiting for the one before included",
    buckets=_SECONDS,
)
BUILD_INFO: Final = Metric(
    "gauge", "newsquake_build_info", "1, with what is running", ("version", "model")
)

METRICS: Final = tuple(it for it in globals().values() if isinstance(it, Metric))
