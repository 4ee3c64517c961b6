from pathlib import Path

import pytest

from infra.kafka.properties import Node, render, server_properties

COPIES = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "share.coordinator.state.topic.replication.factor",
)
ACKNOWLEDGING = (
    "min.insync.replicas",
    "transaction.state.log.min.isr",
    "share.coordinator.state.topic.min.isr",
)


def properties(brokers: int) -> dict[str, str]:
    """Return the properties of the first of so many brokers."""
    nodes = [Node(i, 20_000 + i, 21_000 + i) for i in range(brokers)]
    return server_properties(nodes[0], nodes, Path("data"))


@pytest.mark.parametrize("brokers", [1, 2, 3, 5])
def test_any_broker_but_the_only_one_may_die(brokers: int) -> None:
    """An internal topic with one copy stops every transaction when its broker is away."""
    settings = properties(brokers)
    copies = {int(settings[name]) for name in COPIES}
    acknowledging = {int(settings[name]) for name in ACKNOWLEDGING}
    assert copies == {min(3, brokers)}
    assert 1 <= max(acknowledging) <= max(1, min(copies) - 1)


def test_all_brokers_vote_and_none_is_reachable_from_outside() -> None:
    """An embedded broker has no passwords: it must not be seen beyond the machine."""
    settings = properties(3)
    voters = "0@127.0.0.1:21000,1@127.0.0.1:21001,2@127.0.0.1:21002"
    assert settings["controller.quorum.voters"] == voters
    listeners = settings["listeners"].split(",")
    assert all(listener.split("://")[1].startswith("127.0.0.1:") for listener in listeners)


def test_a_windows_path_survives_the_file() -> None:
    """A backslash begins an escape in a Java properties file."""
    assert render({"log.dirs": r"C:\new"}) == "log.dirs=C:\\\\new\n"
