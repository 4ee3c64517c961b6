"""The doctor on brokers that ask for a user and grant rights: what is missing, and what to type."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.port import free_ports
from tests.infra.doctor.conditions import doctor, printed_command
from tests.streams.conditions import run, settings

pytestmark = pytest.mark.kafka
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8, "DescribeConfigs": 10}
RESOURCES = {"--topic": 2, "--group": 3, "--transactional-id": 5}
LITERAL, PREFIXED, ALLOW = 3, 4, 3


class Guarded:
    """A broker with a listener for administrators and one for users with a password."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.open, self.controller, self.login = ports

    def properties(self) -> dict[str, str]:
        """Return the properties of the broker; nobody but administrators may do anything."""
        at = "127.0.0.1"
        listeners = f"PLAINTEXT://{at}:{self.open},SASL://{at}:{self.login}"
        return {
            "listeners": f"{listeners},CONTROLLER://{at}:{self.controller}",
            "advertised.listeners": listeners,
            "controller.quorum.voters": f"0@{at}:{self.controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            "SASL:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl.plain.sasl.jaas.config": f'{PLAIN} required user_quake="secret";',
            "authorizer.class.name": AUTHORIZER,
            "super.users": "User:ANONYMOUS",
            "transaction.max.timeout.ms": "30000",
        }

    def user(self, prefix: str, **values: str) -> dict[str, str]:
        """Return the settings of the user with a password."""
        return (
            settings(
                f"127.0.0.1:{self.login}",
                NEWSQUAKE_KAFKA__PREFIX=prefix,
                NEWSQUAKE_KAFKA__SECURITY="SASL_PLAINTEXT",
                NEWSQUAKE_KAFKA__USERNAME="quake",
                NEWSQUAKE_KAFKA__PASSWORD="secret",  # noqa: S106 - of this test's broker
                NEWSQUAKE_KAFKA__TRANSACTION_TIMEOUT="20",
            )
            | values
        )

    def grant(self, commands: Sequence[Sequence[str]]) -> None:
        """Do what ``kafka-acls`` does with the arguments; the tool is not in the broker's jars."""
        entries = [entry for command in commands for entry in _entries(command)]

        async def create() -> Any:
            admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{self.open}")
            await admin.start()
            answer = await admin._send_request(_CreateAcls(entries))
            await admin.close()
            return answer

        answer = asyncio.run(create())
        assert all(code == 0 for code, _ in answer.creation_responses), answer


class _CreateAcls(CreateAclsRequest):  # type: ignore[misc]
    """A request for new rights."""

    def __init__(self, entries: Sequence[tuple[object, ...]]) -> None:
        self._entries = list(entries)

    def build(self, request_struct_class: Any) -> Any:
        return request_struct_class(self._entries)


def _entries(command: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """Yield the rights that a command line of ``kafka-acls`` adds."""
    assert command[:1] == ["kafka-acls"]
    pairs = list(pairwise(command))
    options = dict(pairs)
    assert "--add" in command
    (option,) = RESOURCES.keys() & set(command)
    is_prefix = options.get("--resource-pattern-type") == "prefixed"
    pattern = PREFIXED if is_prefix else LITERAL
    for name, value in pairs:
        if name == "--operation":
            yield (
                RESOURCES[option], options[option], pattern, options["--allow-principal"], "*",
                OPERATIONS[value], ALLOW,
            )  # fmt: skip


@pytest.fixture(scope="module")
def guarded(jar_cache: Path) -> Iterator[Guarded]:
    """Return a broker that asks for a user and grants rights."""
    guarded = Guarded(free_ports(3))
    with EmbeddedKafka(jar_cache, port=guarded.open, properties=guarded.properties()):
        yield guarded


def test_each_right_that_is_missing_is_named_and_the_printed_commands_are_enough(
    guarded: Guarded, prefix: str
) -> None:
    """Rights would be granted one crash at a time, or all of them at once."""
    admin = settings(f"127.0.0.1:{guarded.open}", NEWSQUAKE_KAFKA__PREFIX=prefix)
    run(admin, "topics", "create")
    arguments = ("--no-model", "--agents", "ingest")
    report = doctor(guarded.user(prefix), *arguments)
    missing = [line for line in report.lines if line["check"] == "rights"]
    assert {line["status"] for line in missing} == {"fault"}
    details = "\n".join(line["detail"] for line in missing)
    assert f"lacks Read, Describe, DescribeConfigs on the topic {prefix}news.raw" in details
    assert f"lacks Read on the group {prefix}newsquake-ingest" in details
    assert f"lacks Write on transactional ids {prefix}newsquake-ingest-*" in details
    assert report.code == 1
    guarded.grant([printed_command(line) for line in missing])
    again = doctor(guarded.user(prefix), *arguments)
    assert again.code == 0, again.of("rights")
    assert again.bad() == {"broker-settings": "not checked", "disk": "not checked"}
    assert again.of("rights")["detail"] == "quake may do all that ingest need"


@pytest.mark.parametrize("values", [{"NEWSQUAKE_KAFKA__PASSWORD": "wrong"},
                                    {"NEWSQUAKE_KAFKA__USERNAME": "stranger"}])  # fmt: skip
def test_a_wrong_password_is_named(guarded: Guarded, prefix: str, values: dict[str, str]) -> None:
    """The line would say that there is no Kafka."""
    environment = guarded.user(prefix, **values)
    report = doctor(environment)
    line = report.of("connection")
    user = environment["NEWSQUAKE_KAFKA__USERNAME"]
    assert (report.code, line["status"]) == (1, "fault")
    assert f"refuses the user {user!r} or its password" in line["detail"]
    assert "NEWSQUAKE_KAFKA__PASSWORD" in line["remedy"]


def test_another_protocol_than_that_of_the_listener_is_named(guarded: Guarded, prefix: str) -> None:
    """Connections would end without a reason."""
    environment = guarded.user(prefix, NEWSQUAKE_KAFKA__SECURITY="PLAINTEXT")
    assert "NEWSQUAKE_KAFKA__SECURITY" in doctor(environment).of("connection")["remedy"]


def test_a_transaction_timeout_above_the_brokers_is_named_with_a_value_that_fits(
    guarded: Guarded, prefix: str
) -> None:
    """No agent could begin a transaction, and nobody know which of two settings is wrong."""
    environment = settings(f"127.0.0.1:{guarded.open}", NEWSQUAKE_KAFKA__PREFIX=prefix)
    run(environment, "topics", "create")
    report = doctor(environment)
    line = report.of("broker-settings")
    assert (report.code, line["status"]) == (1, "fault")
    assert (
        "transaction.max.timeout.ms is 30000, less than our transaction time-out" in line["detail"]
    )
    assert report.of("transactions")["status"] == "fault"
    (setting,) = [word for word in line["remedy"].split() if "TIMEOUT=" in word]
    name, value = setting.rstrip(",").split("=")
    assert doctor({**environment, name: value}).bad() == {}
