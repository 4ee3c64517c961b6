"""Client certificates, SCRAM and tokens, on listeners of a real broker that asks for rights."""

import asyncio
import subprocess
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
from infra.settings.model import load
from streams.core.errors import Misconfigured
from streams.kafka.connection import client_options, committed_reader, started
from streams.kafka.topics import create_topics
from streams.monitoring.diagnosis import connection_problem, forbidden_topics
from tests.streams.secure_site import Site
from tests.streams.secured import PASSWORD, grant

pytestmark = pytest.mark.kafka
ROLE = ("producer", "reader", *AGENTS)
"""The roles of the one user of each login: it has their documented rights, and no others."""
LOGINS = ("certificate", "locked certificate", "scram-512", "token file", "provider")


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
