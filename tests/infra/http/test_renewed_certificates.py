"""Certificates that are renewed while the ports that show them go on."""

import http.client
import socket
import ssl
from pathlib import Path

import httpx
import pytest
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from infra.http import tls
from infra.kafka.port import free_ports
from infra.settings.metrics import Metrics
from infra.settings.serve import Serve
from infra.worker_port import serve
from tests.infra.http.test_tls import listening
from tests.infra.http.test_worker_port import Busy
from tests.streams.authority import Authority

ENDED = (OSError, http.client.HTTPException)


class Secret:
    """A folder of certificates as Kubernetes mounts it: each renewal turns one link.

    Attributes:
        settings: The settings of a port that shows them.
        trusted: Who signed the port's certificate.
        peer: The context of a peer that the port lets in.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.settings = {
            "cert_file": str(folder / "tls.crt"),
            "key_file": str(folder / "tls.key"),
            "client_ca_file": str(folder / "ca.crt"),
        }
        self.renew()
        for name in ("tls.crt", "tls.key", "ca.crt"):
            (folder / name).symlink_to(folder / "..data" / name)

    def renew(self) -> None:
        """Put new certificates of new authorities into the folder."""
        number = len(list(self._folder.glob("..2*")))
        version = self._folder / f"..2026-{number}"
        version.mkdir()
        own, peers = (Authority(version / name, f"{name} {number}") for name in ("own", "peers"))
        for file, name in zip(own.sign("port"), ("tls.crt", "tls.key"), strict=True):
            (version / name).write_bytes(file.read_bytes())
        (version / "ca.crt").write_bytes(peers.trusted.read_bytes())
        link = self._folder / "..next"
        link.symlink_to(version)
        link.rename(self._folder / "..data")
        self.trusted = own.trusted
        self.peer = ssl.create_default_context(cafile=own.trusted)
        self.peer.load_cert_chain(*peers.sign("prometheus"))


@pytest.fixture
def secret(tmp_path: Path) -> Secret:
    """A folder of certificates."""
    return Secret(tmp_path)


def connected(port: int, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    """Return an open connection to a worker's port."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    connection.connect()
    return connection


def status(connection: http.client.HTTPSConnection) -> int:
    """Return the status of the metrics over a connection."""
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    response.read()
    return response.status


def served(settings: dict[str, str]) -> int:
    """Serve the port of a worker, and return its number."""
    (port,) = free_ports(1)
    serve(Metrics(port=port, **settings), CollectorRegistry(), Busy())
    return port


def test_a_worker_shows_renewed_certificates_and_wants_new_ones(secret: Secret) -> None:
    """Prometheus would be refused a day after the renewal, until somebody restarts the workers."""
    port, before = served(secret.settings), secret.peer
    assert status(connected(port, before)) == 200
    opened = connected(port, before)
    secret.renew()
    assert status(connected(port, secret.peer)) == 200
    assert status(opened) == 200, "what is open goes on"
    with pytest.raises(ENDED):
        connected(port, before)
    of_old_authority = ssl.create_default_context(cafile=secret.trusted)
    assert status(connected(port, of_old_authority)) == 401


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_peer_of_an_authority_that_was_taken_away_does_not_come_back(
    secret: Secret, version: ssl.TLSVersion
) -> None:
    """Whoever was shut out by a new list of authorities could take up a session of before."""
    port, before = served(secret.settings), secret.peer
    before.maximum_version = version
    before.load_verify_locations(secret.trusted)

    def answer(session: ssl.SSLSession | None) -> tuple[bytes, ssl.SSLSession | None]:
        raw = socket.create_connection(("127.0.0.1", port), timeout=20)
        with before.wrap_socket(raw, server_hostname="127.0.0.1", session=session) as connection:
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            said = connection.recv(12)
            if not said:
                raise ConnectionError("EOF")
            return said, connection.session

    first, session = answer(None)
    assert first == b"HTTP/1.0 200"
    secret.renew()
    before.load_verify_locations(secret.trusted)
    with pytest.raises(OSError, match=r"alert|reset|EOF"):
        answer(session)


def test_half_of_a_renewal_is_waited_for(tmp_path: Path) -> None:
    """A port would end, or show a certificate without its key, between the writing of two files."""
    authority = Authority(tmp_path / "own")
    cert, key = authority.sign("port")
    port = served({"cert_file": str(cert), "key_file": str(key)})
    context = ssl.create_default_context(cafile=authority.trusted)

    def serial() -> str:
        connection = connected(port, context)
        try:
            shown = connection.sock.getpeercert()
            assert shown
            return str(shown["serialNumber"])
        finally:
            connection.close()

    first = serial()
    new_cert, new_key = authority.sign("renewed")
    with structlog.testing.capture_logs() as lines:
        new_cert.replace(cert)
        assert {serial(), serial(), serial()} == {first}
        new_key.replace(key)
        assert serial() != first
    told = [(line["log_level"], line["port"]) for line in lines]
    assert told == [("warning", "metrics"), ("info", "metrics")]
    assert "belongs to it" in lines[0]["problem"]


def test_files_that_vanish_for_a_moment_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port would never see a renewal that takes the files away before it writes the new ones."""
    monkeypatch.setattr(tls, "_RETRY_SECONDS", 0.0)
    authority = Authority(tmp_path / "own")
    cert, key = authority.sign("port")
    port = served({"cert_file": str(cert), "key_file": str(key)})
    context = ssl.create_default_context(cafile=authority.trusted)
    content = cert.read_bytes()
    cert.unlink()
    assert status(connected(port, context)) == 200
    cert.write_bytes(content)
    assert status(connected(port, context)) == 200


async def test_ports_of_aiohttp_follow_too(secret: Secret) -> None:
    """The dashboard and the intake would show an expired certificate."""
    port = Serve(port=0, **secret.settings)
    async with listening(web.Application(), port) as address:
        for _ in range(2):
            async with httpx.AsyncClient(verify=secret.peer, timeout=20) as client:
                assert (await client.get(f"{address}/")).status_code == 404
            before = secret.peer
            secret.renew()
            async with httpx.AsyncClient(verify=before, timeout=20) as client:
                with pytest.raises(httpx.TransportError):
                    await client.get(f"{address}/")
