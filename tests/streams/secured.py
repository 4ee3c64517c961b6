"""A broker with users, rights and certificates, for what only such a cluster refuses."""

import asyncio
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest_v1
from aiokafka.protocol.api import Request, RequestStruct

from agents.access import Right
from infra.kafka.port import free_ports
from tests.streams.conditions import settings

PASSWORD = "secret"  # noqa: S105 - of users of a broker that lives for a minute
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
_RESOURCES = {"topic": 2, "group": 3, "cluster": 4, "transactional-id": 5}
_OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Delete": 6, "Alter": 7, "Describe": 8}
_OPERATIONS["DescribeConfigs"] = 10
_LITERAL, _PREFIXED, _ALLOW = 3, 4, 3


class _CreateAcls(Request[CreateAclsRequest_v1]):  # type: ignore[misc]
    """Many rights in one request; aiokafka's own has one."""

    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, creations: Sequence[tuple[Any, ...]]) -> None:
        self._creations = list(creations)

    def build(self, request_struct_class: type[RequestStruct]) -> Any:
        return CreateAclsRequest_v1(self._creations)


class SecuredListeners:
    """The addresses of one broker: without a user (an administrator), and with one."""

    def __init__(self, users: Iterable[str] = ()) -> None:
        self.open, self.controller, self.login = free_ports(3)
        self._users = list(users)

    @property
    def administrator(self) -> str:
        """The address at which everything is allowed."""
        return f"127.0.0.1:{self.open}"

    def properties(self) -> dict[str, str]:
        """Return the properties of the broker."""
        at = "127.0.0.1"
        users = " ".join(f'user_{name}="{PASSWORD}"' for name in self._users)
        return {
            "listeners": f"PLAINTEXT://{at}:{self.open},CONTROLLER://{at}:{self.controller},"
            f"SASL://{at}:{self.login}",
            "advertised.listeners": f"PLAINTEXT://{at}:{self.open},SASL://{at}:{self.login}",
            "controller.quorum.voters": f"0@{at}:{self.controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            "SASL:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
            "listener.name.sasl.plain.sasl.jaas.config": f"{_PLAIN} required {users};",
            "listener.name.sasl.scram-sha-256.sasl.jaas.config": f"{_SCRAM} required;",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }

    def settings(self, user: str, prefix: str, **values: str) -> dict[str, str]:
        """Return the environment of a command that ``user`` runs."""
        return settings(
            f"127.0.0.1:{self.login}",
            NEWSQUAKE_KAFKA__PREFIX=prefix,
            NEWSQUAKE_KAFKA__PARTITIONS="1",
            NEWSQUAKE_KAFKA__SECURITY="SASL_PLAINTEXT",
            NEWSQUAKE_KAFKA__USERNAME=user,
            NEWSQUAKE_KAFKA__PASSWORD=PASSWORD,
            **values,
        )


async def grant(bootstrap: str, granted: Iterable[tuple[str, str, Right]]) -> None:
    """Grant rights: each with the user and the prefix of the resource's name."""
    creations = [
        (
            _RESOURCES[right.resource],
            prefix + right.name,
            _PREFIXED if right.is_prefix else _LITERAL,
            f"User:{user}",
            "*",
            _OPERATIONS[right.operation],
            _ALLOW,
        )
        for user, prefix, right in granted
    ]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        client = admin._client
        answer = await client.send(client.get_random_node(), _CreateAcls(creations))
        assert all(not code for code, _ in answer.creation_responses), answer
    finally:
        await admin.close()
    await asyncio.sleep(0.5)  # the broker learns of them from the controller


def certificate(folder: Path, java: Path, names: str) -> tuple[Path, Path]:
    """Make a certificate for ``names`` (such as ``ip:127.0.0.1``).

    Returns:
        The key store of the broker, and the file that its clients trust.
    """
    store, trusted = folder / f"{names.replace(':', '-')}.p12", folder / "trusted.pem"
    keytool = [str(java.with_name("keytool")), "-storepass", PASSWORD, "-keystore", str(store)]
    key = ["-genkeypair", "-alias", "broker", "-keyalg", "EC", "-storetype", "PKCS12"]
    subject = ["-dname", "CN=broker", "-ext", f"san={names}", "-ext", "bc:c=ca:true"]
    subprocess.run([*keytool, *key, *subject], check=True, capture_output=True)
    export = ["-exportcert", "-alias", "broker", "-rfc", "-file", str(trusted)]
    subprocess.run([*keytool, *export], check=True, capture_output=True)
    return store, trusted
