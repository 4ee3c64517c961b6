"""Wrong credentials and addresses: each has a line of its own, which names the setting."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.port import free_ports
from tests.streams.conditions import SCRIPT, settings

pytestmark = pytest.mark.kafka
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


class Listeners:
    """The addresses of one broker, by name."""

    def __init__(self, ports: list[int]) -> None:
        self.open, self.controller, self.login, self.lost = ports

    def properties(self) -> dict[str, str]:
        """Return a broker's properties: one listener to each fault."""
        at = "127.0.0.1"
        names = f"SASL://{at}:{self.login},LOST://{at}:{self.lost}"
        advertised = f"SASL://{at}:{self.login},LOST://no-such-host.invalid:{self.lost}"
        jaas = f'{PLAIN} required user_quake="secret";'
        return {
            "listeners": f"PLAINTEXT://{at}:{self.open},CONTROLLER://{at}:{self.controller},{names}",
            "advertised.listeners": f"PLAINTEXT://{at}:{self.open},{advertised}",
            "controller.quorum.voters": f"0@{at}:{self.controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            "SASL:SASL_PLAINTEXT,LOST:PLAINTEXT",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
            "listener.name.sasl.plain.sasl.jaas.config": jaas,
            "listener.name.sasl.scram-sha-256.sasl.jaas.config": f"{SCRAM} required;",
            "transaction.max.timeout.ms": "30000",
        }


@pytest.fixture(scope="module")
def listeners(jar_cache: Path) -> Iterator[Listeners]:
    """A broker that asks for a user at one listener and advertises nonsense at another."""
    listeners = Listeners(free_ports(4))
    with EmbeddedKafka(jar_cache, port=listeners.open, properties=listeners.properties()):
        yield listeners


def problem(environment: Mapping[str, str], *arguments: str) -> str:
    """Run ``newsquake``, which must fail with one line, and return that line."""
    done = subprocess.run(
        [SCRIPT, *arguments], env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def with_login(listeners: Listeners, mechanism: str, password: str) -> dict[str, str]:
    """Return the settings of a user at the listener that asks for one."""
    return settings(
        f"127.0.0.1:{listeners.login}",
        NEWSQUAKE_KAFKA__SECURITY="SASL_PLAINTEXT",
        NEWSQUAKE_KAFKA__SASL_MECHANISM=mechanism,
        NEWSQUAKE_KAFKA__USERNAME="quake",
        NEWSQUAKE_KAFKA__PASSWORD=password,
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_a_wrong_password_and_an_unknown_user_are_named(
    listeners: Listeners, mechanism: str
) -> None:
    """The line would say that there is no Kafka, and send people to the network."""
    line = problem(with_login(listeners, mechanism, "wrong"), "topics", "list")
    assert "NEWSQUAKE_KAFKA__PASSWORD" in line
    assert "'quake'" in line
    assert "newsquake kafka up" not in line


@pytest.mark.parametrize(("listener", "security"), [("open", "SSL"), ("login", "PLAINTEXT")])
def test_another_protocol_than_that_of_the_listener_is_named(
    listeners: Listeners, listener: str, security: str
) -> None:
    """Connections would end without a reason."""
    address = f"127.0.0.1:{getattr(listeners, listener)}"
    line = problem(settings(address, NEWSQUAKE_KAFKA__SECURITY=security), "topics", "list")
    assert "NEWSQUAKE_KAFKA__SECURITY" in line


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_file_of_authorities_that_is_missing_or_bad_is_named(
    listeners: Listeners, tmp_path: Path, text: str | None
) -> None:
    """A traceback, or a line about Kafka, for a misspelt path."""
    file = tmp_path / "authorities.pem"
    if text:
        file.write_text(text)
    environment = settings(
        f"127.0.0.1:{listeners.open}",
        NEWSQUAKE_KAFKA__SECURITY="SSL",
        NEWSQUAKE_KAFKA__CA_FILE=str(file),
    )
    for command in (("topics", "list"), ("worker",)):
        line = problem(environment, *command)
        assert "NEWSQUAKE_KAFKA__CA_FILE" in line
        assert str(file) in line


def test_an_advertised_host_that_does_not_resolve_is_named(listeners: Listeners) -> None:
    """The most frequent mistake with Kafka in containers, which looks like a broker that hangs."""
    line = problem(settings(f"127.0.0.1:{listeners.lost}"), "topics", "list")
    assert "advertised.listeners" in line
    assert "no-such-host.invalid" in line


def test_a_transaction_timeout_above_the_brokers_is_named(
    listeners: Listeners, prefix: str
) -> None:
    """The worker would fail with a code, and nobody know which setting it is about."""
    environment = settings(f"127.0.0.1:{listeners.open}", NEWSQUAKE_KAFKA__PREFIX=prefix)
    done = subprocess.run([SCRIPT, "topics", "create"], env=environment, timeout=60, check=False)
    assert done.returncode == 0
    line = problem(environment, "worker", "--agents", "ingest")
    assert "transaction.max.timeout.ms" in line
    assert "NEWSQUAKE_KAFKA__TRANSACTION_TIMEOUT" in line
