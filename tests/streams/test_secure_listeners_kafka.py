"""Client certificates, SCRAM and tokens, on listeners of a real broker that asks for rights."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr

from agents.access import rights
from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.pipeline import AGENTS
from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.jars import class_path
from infra.kafka.java import command
from infra.kafka.port import free_ports
from infra.settings.model import load
from streams.core.errors import Misconfigured
from streams.kafka.connection import client_options, committed_reader, started
from streams.kafka.topics import create_topics
from streams.monitoring.diagnosis import connection_problem, forbidden_topics
from tests.streams.authority import Authority, token
from tests.streams.conditions import settings
from tests.streams.secured import PASSWORD, grant

pytestmark = pytest.mark.kafka
OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
ROLE = ("producer", "reader", *AGENTS)
"""The roles of the one user of each login: it has their documented rights, and no others."""
LOGINS = ("certificate", "locked certificate", "scram-512", "token file", "provider")
PROVIDER = "def provider(cluster):\n    return lambda: open({file!r}).read().strip()\n"


class Site:
    """A broker with a listener for each way to log in, and the files of its users."""

    def __init__(self, folder: Path) -> None:
        self.open, self.controller, self.mutual, self.scram, self.tokens = free_ports(5)
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
            f"MUTUAL://{at}:{self.mutual},SCRAM://{at}:{self.scram},TOKENS://{at}:{self.tokens}"
        )
        begin = "listener.name.tokens.oauthbearer.sasl.jaas.config"
        return {
            "listeners": f"PLAINTEXT://{at}:{self.open},CONTROLLER://{at}:{self.controller},{secured}",
            "advertised.listeners": f"PLAINTEXT://{at}:{self.open},{secured}",
            "controller.quorum.voters": f"0@{at}:{self.controller}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            "MUTUAL:SSL,SCRAM:SASL_SSL,TOKENS:SASL_SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._store),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.trusted),
            "listener.name.mutual.ssl.client.auth": "required",
            "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config": f"{SCRAM} required;",
            "listener.name.tokens.sasl.enabled.mechanisms": "OAUTHBEARER",
            begin: f'{OAUTH} required unsecuredLoginStringClaim_sub="broker";',
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
        tokens = {f"{begin}TOKEN_FILE": str(self.token_file)}
        path = {"PYTHONPATH": f"{self.packages}:{':'.join(sys.path)}"}
        return {
            **settings(f"127.0.0.1:{self.tokens}"),
            **sasl,
            f"{begin}SASL_MECHANISM": "OAUTHBEARER",
            **(tokens if how == "token file" else {f"{begin}TOKEN_PROVIDER": "acme", **path}),
        }


def prefix_of(how: str) -> str:
    """Return the prefix of the topics of a login."""
    return how.replace(" ", "-") + "."


USERS = {
    "certificate": "CN=quake",
    "locked certificate": "CN=locked",
    "scram-512": "quake",
    "token file": "robot",
    "provider": "robot",
}


@pytest.fixture(scope="module")
def site(jar_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A broker with topics and rights for each login."""
    site = Site(tmp_path_factory.mktemp("site"))
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


@pytest.fixture
def cluster(site: Site, how: str, monkeypatch: pytest.MonkeyPatch) -> ClusterLayout:
    """The cluster as a user sees it that logs in so."""
    monkeypatch.syspath_prepend(str(site.packages))
    return load(None, ours(site.login(how))).kafka.model_copy(update={"prefix": prefix_of(how)})


def ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Return our own variables of an environment."""
    return {name: text for name, text in environment.items() if name.startswith("NEWSQUAKE_")}


async def problem_of(cluster: ClusterLayout) -> str:
    """Return why the broker can't be used; a machine that is busy may be too slow to say so."""
    try:
        for _ in range(10):
            problem = await connection_problem(cluster, cluster.bootstrap)
            if "does not answer" not in problem:
                return problem
    except Misconfigured as error:
        return str(error)
    return problem


@pytest.mark.parametrize("how", LOGINS)
async def test_a_login_writes_in_a_transaction_and_reads(cluster: ClusterLayout) -> None:
    """A cluster that asks for certificates or tokens could not be used, or only by half of us."""
    topic = cluster.topic("news.accepted")
    producer = AIOKafkaProducer(
        **client_options(cluster), transactional_id=cluster.topic("newsquake-ingest-x")
    )
    await producer.start()
    async with producer.transaction():
        sent = await producer.send_and_wait(topic, b"news", key=b"1")
    await producer.stop()
    async with started(committed_reader(cluster)) as reader:
        partition = TopicPartition(topic, sent.partition)
        reader.assign([partition])
        reader.seek(partition, sent.offset)
        record = await reader.getone()
    assert record.value == b"news"


@pytest.mark.parametrize(
    ("how", "values", "words"),
    [
        ("certificate", {"cert_file": "", "key_file": ""}, "set NEWSQUAKE_KAFKA__CERT_FILE"),
        ("certificate", {"cert_file": "{stranger}"}, "does not trust the certificate"),
        ("certificate", {"cert_file": ""}, "set NEWSQUAKE_KAFKA__CERT_FILE"),
        ("certificate", {"key_file": "{other}"}, "the key that belongs to it"),
        ("certificate", {"cert_file": "/no/such.pem"}, "/no/such.pem"),
        ("certificate", {"ca_file": "{stranger_ca}"}, "NEWSQUAKE_KAFKA__CA_FILE"),
        ("locked certificate", {"key_password": "wrong"}, "NEWSQUAKE_KAFKA__KEY_PASSWORD"),
        ("locked certificate", {"key_password": ""}, "NEWSQUAKE_KAFKA__KEY_PASSWORD"),
        ("scram-512", {"password": "wrong"}, "NEWSQUAKE_KAFKA__PASSWORD"),
        ("token file", {"token_file": ""}, "set NEWSQUAKE_KAFKA__TOKEN_FILE"),
        ("token file", {"token_provider": "acme"}, "and not both"),
        ("token file", {"token_file": "/no/token"}, "there is no token"),
        ("provider", {"token_provider": "nobody"}, "installed have acme"),
    ],
)
async def test_a_login_that_fails_names_the_setting(
    site: Site, cluster: ClusterLayout, values: Mapping[str, str], words: str
) -> None:
    """The line would say that there is no Kafka, and send people to the network."""
    cert, key = site.stranger.sign("quake")
    files = {
        "stranger": str(cert),
        "stranger_ca": str(site.stranger.trusted),
        "other": str(key),
    }
    changes: dict[str, object] = {name: text.format(**files) for name, text in values.items()}
    if values.get("cert_file") == "{stranger}":
        changes["key_file"] = str(key)
    for name in {"password", "key_password"} & changes.keys():
        changes[name] = SecretStr(str(changes[name]))
    problem = await problem_of(cluster.model_copy(update=changes))
    assert words in problem
    assert "eyJ" not in problem, "a token"


@pytest.mark.parametrize("how", ["certificate"])
async def test_a_certificate_opens_no_more_than_its_rights(cluster: ClusterLayout) -> None:
    """A stolen key of one worker would open all topics of the cluster."""
    own, other = cluster.topic("news.scored"), prefix_of("scram-512") + "news.scored"
    admin = AIOKafkaAdminClient(**client_options(cluster))
    await admin.start()
    assert await forbidden_topics(admin, [own, other]) == other
    await admin.close()
