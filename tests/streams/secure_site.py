"""A broker with a listener for each way to log in, and the files of its users."""

import sys
from pathlib import Path

from infra.kafka.port import free_ports
from tests.streams.authority import Authority, token
from tests.streams.conditions import settings
from tests.streams.secured import PASSWORD

OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
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
