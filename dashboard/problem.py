"""Words for the errors of Kafka that a page shows."""

from streams.kafka.cluster import Cluster
from streams.monitoring.explain import explain_kafka


def problem_of(error: BaseException, cluster: Cluster) -> str:
    """Return the cause and the remedy of an error in one line, or its own words."""
    words = explain_kafka(error, cluster) or str(error) or type(error).__name__
    return " ".join(words.split())
