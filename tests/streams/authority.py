"""A certificate authority, and tokens, for a broker that lives for a minute."""

import base64
import datetime as dt
import ipaddress
import json
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """An authority that signs certificates for 127.0.0.1, each in a file with its key."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        self.trusted = folder / "trusted.pem"
        self.trusted.write_bytes(self._certificate(self._name, self._key, is_authority=True))

    def sign(self, name: str, password: str = "") -> tuple[Path, Path]:
        """Return the files of a certificate and of its key, which may have a password."""
        key = ec.generate_private_key(ec.SECP256R1())
        cert_file, key_file = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password:
            encryption = serialization.BestAvailableEncryption(password.encode())
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        key_file.write_bytes(key.private_bytes(pem, pkcs8, encryption))
        cert_file.write_bytes(self._certificate(_name(name), key, is_authority=False))
        return cert_file, key_file

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_authority: bool
    ) -> bytes:
        now = dt.datetime.now(dt.UTC)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=5))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        certificate = builder.sign(self._key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM)


def token(subject: str, seconds: float = 3_600.0) -> str:
    """Return an unsecured token (RFC 7519, section 6), as Kafka's test validator takes it."""
    now = time.time()
    claims = {"sub": subject, "iat": now - 5, "exp": now + seconds}
    sections = [{"alg": "none"}, claims]
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in sections
    ]
    return b".".join([*encoded, b""]).decode()
