"""The error of the embedded Kafka, in a file of its own because all of its modules raise it."""


class EmbeddedKafkaError(Exception):
    """The embedded Kafka can't be started or ended by itself; the message is one line."""
