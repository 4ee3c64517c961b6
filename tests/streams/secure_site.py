"""A broker with a listener for each way to log in, and the files of its users."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.access import rights
from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.pipeline import AGENTS
from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.jars import class_path
from infra.kafka.java import command
from infra.kafka.port import free_ports
from streams.kafka.topics import create_topics
from tests.streams.authority import Authority, token
from tests.streams.conditions import settings
from tests.streams.secured import PASSWORD, grant

OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
REAUTH_MS = 4_000
"""The time after which the broker ends connections of the login ``renewed``."""
PROVIDER = "def provider(cluster):\n    return lambda: open({file!r}).read().strip()\n"
ROLE = ("producer", "reader", *AGENTS)
"""The roles of the one user of each login: it has their documented rights, and no others."""
LOGINS = ("certificate", "locked certificate", "scram-512", "token file", "provider", "renewed")
USERS = {
    "certificate": "CN=quake",
    "locked certificate": "CN=locked",
    "scram-512": "quake",
    "token file": "robot",
    "provider": "robot",
    "renewed": "robot",
}


class Site:
    """A broker with a listener for each way to log in, and the files of its users."""

    def __init__(self, folder: Path) -> None:
        self.open, self.controller, self.mutual, self.scram, self.tokens, self.renewed = free_ports(
            6
        )
        self.authority = Authority(folder / "authority")
        self.stranger = Authority(folder / "stranger", "stranger")
        self.cert, self.key = self.authority.sign("quake")
        self.locked_cert, self.locked_key = self.authority.sign("locked", PASSWORD)
        self.token_file = folder / "token"
        self.token_file.write_text(token("robot") + "\n")
        cert, key = self.authority.sign("broker")
        self._store = folder / "broker.pem"
        self._store.write_bytes(key.read_bytes() + cert.read_bytes())
        self.packages = folder / "packages"
        info = self.packages / "acme_cloud-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-cloud\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[newsquake.kafka_tokens]\nacme = acme:provider\n")
        (self.packages / "acme.py").write_text(PROVIDER.format(file=str(self.token_file)))

    def properties(self) -> dict[str, str]:
        """Return the properties of the broker."""
        at = "127.0.0.1"
        secured = (
            f"MUTUAL://{at}:{self.mutual},SCRAM://{at}:{self.scram},"
            f"TOKENS://{at}:{self.tokens},RENEWED://{at}:{self.renewed}"
        )
        tokens, renewed = ("listener.name." + name for name in ("tokens", "renewed"))
        login = f'{OAUTH} required unsecuredLoginStringClaim_sub="broker";'
        return {
            "listeners": f"PLAINTEXT://{at}:{self.open},CONTROLLER://{at}:{self.controller},{secured}",
            "advertised.listeners": f"PLAINTEXT://{at}:{self.open},{secured}",
            "controller.quorum.voters": f"0@{at}:{self.controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            "MUTUAL:SSL,SCRAM:SASL_SSL,TOKENS:SASL_SSL,RENEWED:SASL_SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._store),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.trusted),
            "listener.name.mutual.ssl.client.auth": "required",
            "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config": f"{SCRAM} required;",
            f"{tokens}.sasl.enabled.mechanisms": "OAUTHBEARER",
            f"{tokens}.oauthbearer.sasl.jaas.config": login,
            # A connection ends when its token does or before, unless it logs in again (KIP-368).
            f"{renewed}.sasl.enabled.mechanisms": "OAUTHBEARER",
            f"{renewed}.oauthbearer.sasl.jaas.config": login,
            f"{renewed}.oauthbearer.connections.max.reauth.ms": str(REAUTH_MS),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }

    @property
    def administrator(self) -> str:
        """The address at which everything is allowed."""
        return f"127.0.0.1:{self.open}"

    def login(self, how: str) -> dict[str, str]:
        """Return the settings by which a user logs in, without those of its topics."""
        begin = "NEWSQUAKE_KAFKA__"
        trusted = {f"{begin}CA_FILE": str(self.authority.trusted)}
        sasl = {f"{begin}SECURITY": "SASL_SSL", **trusted}
        if how.endswith("certificate"):
            is_locked = how.startswith("locked")
            return {
                **settings(f"127.0.0.1:{self.mutual}"),
                **trusted,
                f"{begin}SECURITY": "SSL",
                f"{begin}CERT_FILE": str(self.locked_cert if is_locked else self.cert),
                f"{begin}KEY_FILE": str(self.locked_key if is_locked else self.key),
                **({f"{begin}KEY_PASSWORD": PASSWORD} if is_locked else {}),
            }
        if how.startswith("scram"):
            return {
                **settings(f"127.0.0.1:{self.scram}"),
                **sasl,
                f"{begin}SASL_MECHANISM": f"SCRAM-SHA-{how[-3:]}",
                f"{begin}USERNAME": "quake",
                f"{begin}PASSWORD": PASSWORD,
            }
        port = self.renewed if how == "renewed" else self.tokens
        tokens = {f"{begin}TOKEN_FILE": str(self.token_file)}
        path = {"PYTHONPATH": f"{self.packages}:{':'.join(sys.path)}"}
        return {
            **settings(f"127.0.0.1:{port}"),
            **sasl,
            f"{begin}SASL_MECHANISM": "OAUTHBEARER",
            **(tokens if how != "provider" else {f"{begin}TOKEN_PROVIDER": "acme", **path}),
        }


def prefix_of(how: str) -> str:
    """Return the prefix of the topics of a login."""
    return how.replace(" ", "-") + "."


@contextmanager
def running_site(jar_cache: Path, folder: Path) -> Iterator[Site]:
    """Run the broker, with topics and the rights of all roles for each login."""
    site = Site(folder)
    with EmbeddedKafka(jar_cache, port=site.open, properties=site.properties()):
        add_scram_user(site.administrator, "quake", jar_cache)
        granted = [(USERS[how], prefix_of(how), right) for how in LOGINS for right in rights(ROLE)]
        asyncio.run(grant(site.administrator, granted))
        asyncio.run(make_topics(site.administrator))
        yield site


def add_scram_user(bootstrap: str, user: str, jar_cache: Path) -> None:
    """Make a user for SCRAM, as operators do with `kafka-configs`."""
    credentials = f"SCRAM-SHA-512=[password={PASSWORD}]"
    entity = ("--entity-type", "users", "--entity-name", user, "--add-config", credentials)
    arguments = ("--bootstrap-server", bootstrap, "--alter", *entity)
    tool = command(class_path(jar_cache), "kafka.admin.ConfigCommand", *arguments)
    subprocess.run(tool, check=True, capture_output=True, timeout=90)


async def make_topics(bootstrap: str) -> None:
    """Make the topics of each login."""
    for how in LOGINS:
        cluster = ClusterLayout(bootstrap=bootstrap, prefix=prefix_of(how), partitions=2)
        await create_topics(cluster, required_topics(cluster, NEWS))
