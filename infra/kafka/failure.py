class EmbeddedKafkaError(Exception):
    """The embedded Kafka can't be started or went away; the message is one line for the user."""
