"""TLS over the pinned connection: the name is proved, although the address was looked up here."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.platforms.wire.ssrf import PublicBackend
from bot.platforms.wire.transport import Wire, deadline
from tests.bot.platforms.raw_server import answer, read_request, serving

HOST = "feed.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for ``HOST`` alone, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "feed.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """A server that proves itself as ``HOST``; yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def handle(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            while read_request(secure):
                secure.sendall(answer(b"{}"))

    with serving(handle) as url:
        yield int(url.rpartition(":")[2])


def wire(certificate: Path) -> Wire:
    backend = PublicBackend(allow_loopback=True, resolve=lambda host, port: ["127.0.0.1"])
    return Wire(backend, ssl.create_default_context(cafile=str(certificate)))


def test_s15_the_name_is_proved_and_the_pinned_address_is_called(certificate: Path) -> None:
    with tls_server(certificate) as port, httpx.Client(transport=wire(certificate)) as client:
        assert client.get(f"https://{HOST}:{port}/").status_code == 200
        assert client.get(f"https://{HOST}:{port}/").json() == {}


def test_s15_a_server_that_cannot_prove_the_name_is_refused(certificate: Path) -> None:
    refused = pytest.raises(httpcore.ConnectError, match="certificate")
    with tls_server(certificate) as port, httpx.Client(transport=wire(certificate)) as client, refused:
        client.get(f"https://other.example:{port}/")


def test_a_server_that_stalls_in_the_handshake_is_left_in_time(certificate: Path) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(1)
        connection.recv(65536)
        connection.recv(65536)

    with serving(handle) as url, httpx.Client(transport=wire(certificate), timeout=60) as client:
        begun = time.monotonic()
        with deadline(begun + 0.3), pytest.raises(httpcore.ConnectTimeout):
            client.get(f"https://{HOST}:{url.rpartition(':')[2]}/")
        assert time.monotonic() - begun < 2
