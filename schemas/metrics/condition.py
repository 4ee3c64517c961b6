"""Metrics of the condition that a worker, its model and its news are in.

`schemas.metrics.processing` has the metrics of what is processed, and says what a metric is.
"""

from typing import Final

from schemas.metrics.processing import METRICS, Metric

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_TOKENS: Final = (64.0, 128.0, 256.0, 512.0, 1_024.0, 4_096.0, 16_384.0, 65_536.0, 262_144.0)

# Counted when the transaction that carries them commits.
BATCH_TOKENS: Final = Metric(
    "histogram",
    "newsquake_batch_tokens",
    "Tokens of a forward pass of the model, padding included",
    buckets=_TOKENS,
)
PHASE_SECONDS: Final = Metric(
    "counter",
    "newsquake_model_phase_seconds",
    "Seconds that the model spent, by phase: tokenize, forward, or finish; forward passes that run "
    "at the same time count each",
    ("phase",),
)
SENTIMENTS: Final = Metric(
    "counter", "newsquake_sentiments", "Articles by their likeliest sentiment", ("sentiment",)
)
TOPICS: Final = Metric(
    "counter",
    "newsquake_topics",
    "Topics of articles; none for an article without one, other for what is not in the vocabulary",
    ("topic",),
)
CONFIDENCES: Final = Metric(
    "counter",
    "newsquake_confidences",
    "Articles by the probability of their likeliest sentiment, in tenths: least is the lower bound",
    ("least",),
)
DRIFT: Final = Metric(
    "gauge",
    "newsquake_drift_psi",
    "Population stability index of the last articles against the reference of the model",
    ("distribution",),
)
DELIVERY_SECONDS: Final = Metric(
    "histogram",
    "newsquake_delivery_seconds",
    "Duration of an attempt to tell a route of alerts",
    ("route",),
    buckets=_SECONDS,
)

# Counted when it happens.
REBALANCES: Final = Metric(
    "counter", "newsquake_rebalances", "Times that the group assigned partitions to the agent"
)
PARTITIONS: Final = Metric(
    "gauge", "newsquake_partitions", "Partitions of the source that the agent holds"
)
FUSE_SHARE: Final = Metric(
    "gauge",
    "newsquake_fuse_share",
    "Share of rejected records among the last worker.fuse_window; above worker.fuse_share the "
    "fuse blows",
)
LAG: Final = Metric(
    "gauge",
    "newsquake_lag_records",
    "Offsets that the agent has still to handle in the partitions that it holds",
)
READY: Final = Metric("gauge", "newsquake_ready", "1 while the process is ready (/ready), else 0")
UNUSUAL: Final = Metric(
    "gauge",
    "newsquake_unusual",
    "1 while a number of the system itself is unusual, by its own detector, else 0",
    ("series",),
)
UNUSUAL_TIMES: Final = Metric(
    "counter", "newsquake_unusual_times", "Times that a number became unusual", ("series",)
)

CONDITION_METRICS: Final = tuple(
    each for each in list(globals().values()) if isinstance(each, Metric)
)
ALL_METRICS: Final = (*METRICS, *CONDITION_METRICS)
"""All metrics of a worker."""
