"""Client certificates, SCRAM and tokens, on listeners of a real broker that asks for rights."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from agents.access import ROLES, rights
from agents.pipeline import AGENTS
from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.jars import class_path
from infra.kafka.java import command
from infra.kafka.port import free_ports
from tests.streams.authority import Authority, token
from tests.streams.commands import Command, Commands, commands
from tests.streams.conditions import articles, settings, worker
from tests.streams.secured import PASSWORD, grant

pytestmark = pytest.mark.kafka
OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
ROLE = ("producer", "reader", *AGENTS)
"""The roles of the one user of each login: it has their documented rights, and no others."""
LOGINS = ("certificate", "locked certificate", "scram-256", "scram-512", "token file", "provider")
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
            "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512",
            **{
                f"listener.name.scram.scram-sha-{bits}.sasl.jaas.config": f"{SCRAM} required;"
                for bits in (256, 512)
            },
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
    "scram-256": "quake",
    "scram-512": "quake",
    "token file": "robot",
    "provider": "robot",
}


@pytest.fixture(scope="module")
def site(jar_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A broker with topics and rights for each login."""
    site = Site(tmp_path_factory.mktemp("site"))
    with EmbeddedKafka(jar_cache, port=site.open, properties=site.properties()):
        mechanisms = ("SCRAM-SHA-256", "SCRAM-SHA-512")
        credentials = ",".join(f"{name}=[password={PASSWORD}]" for name in mechanisms)
        entity = ("--entity-type", "users", "--entity-name", "quake", "--add-config", credentials)
        arguments = ("--bootstrap-server", site.administrator, "--alter", *entity)
        tool = command(class_path(jar_cache), "kafka.admin.ConfigCommand", *arguments)
        subprocess.run(tool, check=True, capture_output=True, timeout=60)
        granted = [(USERS[how], prefix_of(how), right) for how in LOGINS for right in rights(ROLE)]
        asyncio.run(grant(site.administrator, granted))
        yield site


@pytest.fixture(scope="module")
def server(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Commands in processes."""
    with commands(tmp_path_factory.mktemp("commands"), site.packages) as server:
        for how in LOGINS:
            environment = settings(site.administrator, NEWSQUAKE_KAFKA__PREFIX=prefix_of(how))
            made = server.run(environment, "topics", "create")
            assert made.code == 0, made.text
        yield server


@pytest.fixture
def run(site: Site, server: Commands) -> Callable[..., Command]:
    """Return a function that starts a command of a login, with settings of its own."""

    def start(how: str, *arguments: str, **values: str) -> Command:
        environment = site.login(how) | {"NEWSQUAKE_KAFKA__PREFIX": prefix_of(how), **values}
        return server.start(environment, arguments)

    return start


@pytest.mark.parametrize("how", LOGINS)
def test_the_whole_pipeline_runs_with_a_login_and_its_rights(
    site: Site, run: Callable[..., Command], how: str, tmp_path: Path
) -> None:
    """A cluster that asks for certificates or tokens could not be used, or only by half of us."""
    news = tmp_path / "news.jsonl"
    news.write_text(articles(3))
    sent = run(how, "publish", str(news))
    assert sent.wait() == 0, sent.text
    environment = site.login(how) | {
        "NEWSQUAKE_KAFKA__PREFIX": prefix_of(how),
        "NEWSQUAKE_WORKER__SPLIT": "false",
    }
    with worker(environment, tmp_path / "log") as process:
        process.wait_for("first records committed", times=len(AGENTS))
        scored = run(how, "watch", "scored", "--from-beginning", "--until-idle", "3")
        assert scored.wait() == 0, scored.text
        assert process.stop() < 30
        text = process.text
    assert scored.text.count("Report") == 3, scored.text
    assert "Traceback" not in text
    assert PASSWORD not in text + scored.text + sent.text


@pytest.mark.parametrize(
    ("how", "values", "words"),
    [
        ("certificate", {"CERT_FILE": "", "KEY_FILE": ""}, "set NEWSQUAKE_KAFKA__CERT_FILE"),
        ("certificate", {"CERT_FILE": "{stranger}"}, "does not trust the certificate"),
        ("certificate", {"CERT_FILE": ""}, "set NEWSQUAKE_KAFKA__CERT_FILE"),
        ("certificate", {"KEY_FILE": "{other}"}, "the key that belongs to it"),
        ("certificate", {"CERT_FILE": "/no/such.pem"}, "/no/such.pem"),
        ("locked certificate", {"KEY_PASSWORD": "wrong"}, "NEWSQUAKE_KAFKA__KEY_PASSWORD"),
        ("locked certificate", {"KEY_PASSWORD": ""}, "NEWSQUAKE_KAFKA__KEY_PASSWORD"),
        ("scram-512", {"PASSWORD": "wrong"}, "NEWSQUAKE_KAFKA__PASSWORD"),
        ("scram-512", {"CA_FILE": "{stranger_ca}"}, "NEWSQUAKE_KAFKA__CA_FILE"),
        ("token file", {"TOKEN_FILE": ""}, "set NEWSQUAKE_KAFKA__TOKEN_FILE"),
        ("token file", {"TOKEN_FILE": "/no/token"}, "there is no token"),
        ("token file", {"TOKEN_FILE": "{expired}"}, "has expired"),
        ("provider", {"TOKEN_PROVIDER": "nobody"}, "installed have acme"),
    ],
)
def test_a_login_that_fails_names_the_setting(
    site: Site, run: Callable[..., Command], how: str, values: Mapping[str, str], words: str
) -> None:
    """The line would say that there is no Kafka, and send people to the network."""
    expired = site.token_file.with_name("expired")
    expired.write_text(token("robot", -3_600))
    cert, key = site.stranger.sign("quake")
    files = {"stranger": cert, "stranger_ca": site.stranger.trusted, "other": site.locked_key}
    chosen = {
        f"NEWSQUAKE_KAFKA__{name}": value.format(expired=expired, **files)
        for name, value in values.items()
    }
    if values.get("CERT_FILE") == "{stranger}":
        chosen["NEWSQUAKE_KAFKA__KEY_FILE"] = str(key)
    if values.get("KEY_FILE") == "{other}":
        chosen["NEWSQUAKE_KAFKA__KEY_FILE"] = str(site.key.with_name("broker.key"))
    failed = run(how, "topics", "list", **chosen)
    assert failed.wait() == 1, failed.text
    assert words in failed.text
    assert "Traceback" not in failed.text
    assert len(failed.text.splitlines()) == 1, failed.text
    assert "eyJ" not in failed.text, "a token"


def test_a_user_of_a_certificate_may_do_no_more_than_its_role(
    run: Callable[..., Command],
) -> None:
    """A stolen worker's key would open all topics of the cluster."""
    assert ROLES["operator"]
    other = run("certificate", "watch", "scored", NEWSQUAKE_KAFKA__PREFIX="scram-512.")
    assert other.wait() == 1
    assert "kafka-acls" in other.text
