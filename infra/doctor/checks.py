"""The table of checks, in the order in which they are made; docs/doctor.md shows the same."""

from typing import Final

from infra.doctor import (
    broker_settings,
    brokers,
    connection,
    model,
    positions,
    program,
    retention,
    rights,
    silences,
    topics,
    transactions,
)
from infra.doctor.checkup import Check

CHECKS: Final = (
    Check(
        "versions",
        "Which versions run here, and can records of every codec be read?",
        program.versions,
    ),
    Check(
        "connection",
        "Do the bootstrap servers answer, with this protocol, certificate and user?",
        connection.connection,
    ),
    Check(
        "brokers",
        "Does each broker answer where it says that it is, and which Kafka is it?",
        brokers.brokers,
        ("connection",),
    ),
    Check(
        "broker-settings",
        "Do time-outs of transactions and groups fit ours, and are offsets kept?",
        broker_settings.broker_settings,
        ("brokers",),
    ),
    Check(
        "internal-topics",
        "Can `__transaction_state` and `__consumer_offsets` be made, and have they copies?",
        brokers.internal_topics,
        ("brokers",),
    ),
    Check("disk", "How much have the brokers' disks free?", brokers.disks, ("brokers",)),
    Check(
        "topics",
        "Do all topics exist, with the right partitions, leaders and copies?",
        topics.topics,
        ("brokers",),
    ),
    Check(
        "topic-settings",
        "Has each topic the settings without which records are lost or refused?",
        topics.topic_settings,
        ("brokers",),
    ),
    Check(
        "rights",
        "May our user do all that the agents of this worker need?",
        rights.rights,
        ("internal-topics",),
    ),
    Check(
        "transactions",
        "Can a transaction be begun, written and aborted at each broker?",
        transactions.transactions,
        ("internal-topics", "rights"),
        patience=2.0,
    ),
    Check("clock", "Do the brokers' clocks agree with ours?", transactions.clock, ("brokers",)),
    Check(
        "positions",
        "Do the agents' positions lie within the logs, and are these the logs that were read?",
        positions.positions,
        ("internal-topics", "rights"),
        patience=2.0,
    ),
    Check(
        "groups",
        "Are others in the agents' groups, or will Kafka soon forget their offsets?",
        positions.groups,
        ("internal-topics", "rights"),
    ),
    Check(
        "retention",
        "Will Kafka delete records before they are read?",
        retention.retention,
        ("positions",),
    ),
    Check(
        "silences",
        "Does each pattern of `detect.silenced` cover a company or topic that is listed?",
        silences.silences,
    ),
    Check(
        "model",
        "Does the model load, and score a text?",
        model.model,
        patience=8.0,
        of_model=True,
    ),
    Check(
        "device",
        "Which device does `nlp.device` choose?",
        model.device,
        patience=4.0,
        of_model=True,
    ),
)
"""Every check, once."""
